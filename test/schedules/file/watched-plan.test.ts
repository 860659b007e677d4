// The watched schedules file: what is in force when it changes, breaks, vanishes or is swapped.
import {
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type WatchedPlan, watchPlan } from '../../../src/schedules/file/watched-plan.ts';

const door = { targets: [{ name: 'default' }] };
const good = (name: string) =>
  `version: 1\ntimeZone: UTC\nschedules:\n  ${name}:\n    running: always\n    applies: [{ clusters: [a] }]\n`;

let folder: string;
let file: string;
let lines: { level: number; msg: string; findings?: string[] }[];
let watched: WatchedPlan | undefined;
const start = () => {
  const log = pino({}, { write: (line: string) => void lines.push(JSON.parse(line) as never) });
  return (watched = watchPlan(file, door, log));
};
const names = () => watched!.current().plan?.schedules.map(({ name }) => name);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'schedules-'));
  file = join(folder, 'schedules.yaml');
  lines = [];
});
afterEach(() => {
  watched?.close();
  rmSync(folder, { recursive: true });
});

describe('a watched schedules file', () => {
  it('that is broken or missing at the start says where, as an exception', () => {
    expect(start).toThrow("The file can't be read (ENOENT)");
    writeFileSync(file, 'version: 2\nx: 1\n');
    expect(start).toThrow(`${file}:1:10: error: version: 2 isn't right`);
    expect(start).toThrow(`${file}:2:1: error: x: There is no key “x” here.`);
  });

  it('comes into force when it is written over, replaced by a rename, or when its link goes elsewhere', () => {
    writeFileSync(file, good('a'));
    start();
    expect(names()).toEqual(['a']);
    writeFileSync(file, good('bb'));
    watched!.look();
    expect(names()).toEqual(['bb']);
    writeFileSync(`${file}.new`, good('cc'));
    renameSync(`${file}.new`, file);
    watched!.look();
    expect(names()).toEqual(['cc']);
    // As Kubernetes changes a ConfigMap.
    for (const version of ['1', '2']) writeFileSync(join(folder, version), good(`d${version}`));
    unlinkSync(file);
    for (const version of ['1', '2']) {
      symlinkSync(join(folder, version), join(folder, 'link'));
      renameSync(join(folder, 'link'), file);
      watched!.look();
      expect(names()).toEqual([`d${version}`]);
    }
  });

  it('comes into force also where its size and time stay as they were', () => {
    const then = new Date(1_700_000_000_000);
    writeFileSync(file, good('a'));
    utimesSync(file, then, then);
    start();
    writeFileSync(file, good('b'));
    utimesSync(file, then, then);
    watched!.look();
    expect(names()).toEqual(['b']);
  });

  it('leaves the last good one in force when it breaks or vanishes, and says so once', () => {
    writeFileSync(file, good('a'));
    start();
    const { loadedAt } = watched!.current();
    writeFileSync(file, good('b').replace('always', 'sometimes'));
    for (let look = 0; look < 3; look++) watched!.look();
    expect(names()).toEqual(['a']);
    expect(watched!.current()).toMatchObject({ loadedAt, broken: [{ line: 5, column: 14 }] });
    unlinkSync(file);
    for (let look = 0; look < 3; look++) watched!.look();
    expect(names()).toEqual(['a']);
    expect(watched!.current().broken?.[0]?.message).toContain('ENOENT');
    expect(lines.filter(({ level }) => level === 50).map(({ findings }) => findings?.length)).toEqual([1, 1]);
    writeFileSync(file, '');
    truncateSync(file, 3_000_000_000);
    watched!.look();
    expect(watched!.current().broken?.[0]?.message).toContain('EFBIG');
    writeFileSync(file, good('c'));
    watched!.look();
    expect([names(), watched!.current().broken]).toEqual([['c'], undefined]);
  });

  it('is looked at by itself every two seconds', async () => {
    writeFileSync(file, good('a'));
    start();
    writeFileSync(file, good('later'));
    await expect.poll(names).toEqual(['later']);
  });
});
