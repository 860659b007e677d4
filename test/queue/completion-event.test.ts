// What is announced of a job's end, as its receivers rely on it.
import { CloudEvent, HTTP } from 'cloudevents';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { completionEvent, largestMessage } from '../../src/queue/completion-event.ts';
import { jobJson } from '../../src/records/job-json.ts';
import { endedJob } from '../support/jobs.ts';

describe('a completion event', () => {
  const job = endedJob({ id: 'job-1', outcome: { state: 'succeeded', changed: true, result: { snapshotId: 'gs-1' } } });
  const message = completionEvent(job, 'neptune-ops');

  it('is a CloudEvent 1.0 that another library takes', () => {
    const event = HTTP.toEvent({ headers: { 'content-type': 'application/cloudevents+json' }, body: message.body });
    expect(event).toBeInstanceOf(CloudEvent);
    expect((event as CloudEvent).validate()).toBe(true);
  });

  it('says what happened, to what, and when', () => {
    expect(JSON.parse(message.body)).toEqual({
      specversion: '1.0',
      id: 'job-1',
      source: 'neptune-ops',
      type: 'neptune-ops.job.succeeded',
      subject: 'default/db-cluster/dev-1',
      time: '2026-11-20T10:05:00.000Z',
      datacontenttype: 'application/json',
      data: jobJson(job),
    });
    expect(JSON.parse(message.body)).not.toHaveProperty('data.links');
  });

  it('carries what a filter needs beside its body', () => {
    expect(message.attributes).toEqual({
      type: 'neptune-ops.job.succeeded',
      operation: 'stop-db-cluster',
      resource: 'default/db-cluster/dev-1',
    });
    expect([message.id, message.group]).toEqual(['job-1', 'default/db-cluster/dev-1']);
  });

  it.each(['succeeded', 'failed', 'cancelled', 'timed-out'] as const)('has a type of its own for %s', (state) => {
    const { type } = completionEvent(endedJob({ state, outcome: { state, changed: false } }), 'x').attributes;
    expect(type).toBe(`neptune-ops.job.${state}`);
  });

  it('is the same when it is made twice', () => {
    expect(completionEvent(job, 'neptune-ops')).toEqual(message);
  });

  it('has the source from the settings', () => {
    expect(JSON.parse(completionEvent(job, 'https://ops.example/eu').body)).toHaveProperty(
      'source',
      'https://ops.example/eu',
    );
  });

  it.each([
    ['plain letters', 'x'],
    ['letters of three bytes', '語'],
    ['letters that JSON escapes', '\u0001'],
  ])('that is too large, of %s, leaves its result out, and says so', (_what, letter) => {
    const bytes = Buffer.byteLength(JSON.stringify(letter)) - 2;
    const result = { big: letter.repeat(Math.ceil(largestMessage / bytes)) };
    const large = completionEvent(endedJob({ outcome: { state: 'succeeded', changed: true, result } }), 'neptune-ops');
    expect(Buffer.byteLength(large.body)).toBeLessThan(10_000);
    const { data } = JSON.parse(large.body) as { data: { outcome: { state: string; result: { note: string } } } };
    expect(data.outcome.state).toBe('succeeded');
    expect(data.outcome.result.note).toMatch(/too large/);
  });

  it('has only characters that SQS takes, whatever is in the job', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme-composite' }), (odd, text) => {
        const reason = `${odd}${text}\u0000\uFFFE\uFFFF\uD800`;
        const { body } = completionEvent(endedJob({ outcome: { state: 'failed', changed: false, reason } }), 'x');
        expect(body).not.toMatch(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u);
        expect(JSON.parse(body)).toHaveProperty('data.outcome.reason', reason);
      }),
    );
  });
});
