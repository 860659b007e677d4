import { describe, expect, it, vi } from 'vitest';
import { cachedReading } from '../../src/metrics/cached-reading.ts';

describe('a kept reading', () => {
  it('is made once for all who ask at the same time, and anew once it is old', async () => {
    vi.useFakeTimers();
    try {
      let made = 0;
      const reading = cachedReading(() => Promise.resolve((made += 1)), 5_000, 1_000);
      expect(await Promise.all([reading(), reading(), reading()])).toEqual([1, 1, 1]);
      vi.advanceTimersByTime(4_900);
      expect(await reading()).toBe(1);
      vi.advanceTimersByTime(200);
      expect(await reading()).toBe(2);
    } finally {
      vi.useRealTimers();
    }
  });

  it('answers nothing where it failed, and is made anew only after a while', async () => {
    let made = 0;
    const failing = () => {
      made += 1;
      return Promise.reject(new Error('no'));
    };
    const reading = cachedReading(failing, 60_000, 1_000);
    expect(await reading()).toBeUndefined();
    expect(await reading()).toBeUndefined();
    expect(made).toBe(1);
  });

  it('keeps nobody waiting for one that hangs, begins no second beside it, and takes it when it comes', async () => {
    let made = 0;
    let settle: (value: string) => void = () => undefined;
    const reading = cachedReading(
      () => {
        made += 1;
        return new Promise<string>((resolve) => (settle = resolve));
      },
      60_000,
      20,
    );
    expect(await reading()).toBeUndefined();
    expect(await reading()).toBeUndefined();
    settle('late');
    await new Promise((resolve) => setImmediate(resolve));
    expect(await reading()).toBe('late');
    expect(made).toBe(1);
  });
});
