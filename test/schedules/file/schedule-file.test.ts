// A schedules file read: what it comes to, and what is said, with line and column, about one that isn't right.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readPlan } from '../../../src/schedules/file/schedule-file.ts';
import type { CronSchedule, RunningSchedule } from '../../../src/schedules/schedule.ts';

/** The longest a file may be, in bytes. */
const largestFile = 1_048_576;

const door = { targets: [{ name: 'default' }, { name: 'prod' }] };
const now = Date.parse('2026-11-21T12:00Z');
const read = (text: string) => readPlan(text, door, now);

const head = 'version: 1\ntimeZone: Europe/Berlin\nschedules:\n';
/** Lines 4 to 7, and more from line 8 on. */
const running = (more = '', name = 's', clusters = '[dev-1]') =>
  `  ${name}:\n    running: { days: mon-fri, from: 07:00, to: 19:00 }\n    applies:\n      - clusters: ${clusters}\n${more}`;
/** Line 5 on: `    windows…` of a schedule that applies to something. */
const windows = (lines: string) => `${head}  s:\n    applies: [{ clusters: [dev-1] }]\n${lines}`;
const cron = (lines: string) => `${head}  s:\n${lines}`;
const stop = '    operation: stop-db-cluster\n    applies: [{ clusters: [a] }]\n';
const snapshot = '    operation: create-graph-snapshot\n';

/** The place of the first finding, and all that was said there. */
function said(text: string) {
  const { plan, findings } = read(text);
  const [first] = findings;
  return { plan, at: first && `${first.line}:${first.column}`, level: first?.level, message: first?.message, findings };
}

describe('a schedules file', () => {
  it('is read into what every key of it says', () => {
    const { plan, findings } = read(readFileSync('docs/schedules.example.yaml', 'utf8'));
    expect(findings).toEqual([]);
    const [office, load, nightly] = plan!.schedules as [RunningSchedule, RunningSchedule, CronSchedule];
    expect(office).toMatchObject({
      kind: 'running',
      name: 'office-hours',
      timeZone: 'Europe/Berlin',
      windows: [{ days: [1, 2, 3, 4, 5], from: 420, to: 1_140, place: { line: 13 } }],
      once: [{ from: '2026-12-12T08:00', to: '2026-12-12T18:00', running: true }],
      policy: 'enforce',
      priority: 0,
      stopPolicy: { postpone: 7_200_000, afterwards: 'leave', unknown: 'leave', snapshot: false },
    });
    expect(office.exceptions).toEqual([
      '2026-12-24',
      '2026-12-25',
      '2026-12-26',
      '2026-12-31',
      '2027-01-01',
      '2027-03-26',
      '2027-03-29',
    ]);
    const tag = { key: 'Schedule', value: 'office-hours' };
    expect(office.applies.map(({ place, ...selection }) => (expect(place.line).toBeGreaterThan(1), selection))).toEqual(
      [
        { target: 'default', kind: 'db-cluster', pattern: 'dev-1' },
        { target: 'default', kind: 'db-cluster', pattern: 'staging-*' },
        { target: 'default', kind: 'db-cluster', pattern: '*', tag },
        { target: 'default', kind: 'graph', pattern: '*', tag },
      ],
    );
    expect(load).toMatchObject({
      timeZone: 'America/New_York',
      policy: 'respect-manual',
      priority: 10,
      stopPolicy: { postpone: 1_800_000, afterwards: 'stop', unknown: 'leave', snapshot: true },
    });
    expect(nightly).toMatchObject({
      kind: 'cron',
      cron: '30 2 * * *',
      operation: 'create-graph-snapshot',
      input: { snapshotName: 'nightly-{date}' },
      applies: [{ kind: 'graph', pattern: 'g-sample0001' }],
    });
    expect(plan!.prices).toEqual({ currency: 'USD', instances: { 'db.r6g.large': 0.3287 }, graphMemory: 0.48 });
  });

  it('may be without schedules', () => {
    expect(read('version: 1')).toEqual({ plan: { schedules: [] }, findings: [] });
    expect(read('version: 1\nschedules:\n')).toEqual({ plan: { schedules: [] }, findings: [] });
  });

  it('takes times without quotes as texts, and its defaults are the careful ones', () => {
    const { plan, findings } = read(head + running());
    expect(findings).toEqual([]);
    expect(plan!.schedules[0]).toMatchObject({
      windows: [{ from: 420, to: 1_140 }],
      policy: 'enforce',
      stopPolicy: { postpone: 3_600_000, afterwards: 'leave', unknown: 'leave', snapshot: false },
    });
  });

  it.each([
    ['daily', [1, 2, 3, 4, 5, 6, 7]],
    ['weekdays', [1, 2, 3, 4, 5]],
    ['weekends', [6, 7]],
    ['sat', [6]],
    ['"mon,wed,fri"', [1, 3, 5]],
    ['"mon-wed, sat"', [1, 2, 3, 6]],
    ['[fri, mon]', [1, 5]],
    ['sat-mon', [1, 6, 7]],
  ])('reads the days “%s”', (days, expected) => {
    const { plan, findings } = read(windows(`    running: { days: ${days}, from: 0:00, to: 24:00 }\n`));
    expect(findings).toEqual([]);
    expect((plan!.schedules[0] as RunningSchedule).windows[0]?.days).toEqual(expected);
  });

  it('reads always and never, every target, aliases, and one-offs with a T', () => {
    const { plan, findings } = read(
      `${head}  s:\n    running: always\n    applies: &all\n      - { clusters: ["*"], target: "*", tag: a=b=c }\n` +
        `  t:\n    running: never\n    priority: 1\n    applies: *all\n    once: [{ from: 2026-12-12T08:00, to: 2026-12-13 00:00, running: true }]\n`,
    );
    expect(findings).toEqual([]);
    const [always, never] = plan!.schedules as [RunningSchedule, RunningSchedule];
    expect(always.windows).toMatchObject([{ from: 0, to: 1_440, days: [1, 2, 3, 4, 5, 6, 7] }]);
    expect(never.windows).toEqual([]);
    expect(never.once).toMatchObject([{ from: '2026-12-12T08:00', to: '2026-12-13T00:00' }]);
    expect(never.applies.map(({ target, tag }) => [target, tag])).toEqual([
      ['default', { key: 'a', value: 'b=c' }],
      ['prod', { key: 'a', value: 'b=c' }],
    ]);
  });
});

describe('a schedules file that is not right is refused with line, column and advice:', () => {
  it.each<[what: string, text: string, at: string, message: string]>([
    // YAML
    ['no YAML', 'version: 1\nschedules: [', '2:13', 'Not YAML'],
    ['a tab', 'version: 1\nschedules:\n\ts: 1\n', '3:1', 'never by tabs'],
    ['a star without quotes', cron('    cron: * * * * *\n'), '5:11', 'stands in quotes, like "*"'],
    ['a key twice', `${head}${running()}${running()}`, '8:3', '“s” stands here twice'],
    ['an alias of nothing', 'version: 1\nschedules: *x\n', '2:12', 'There is no anchor &x'],
    ['a tag of YAML', 'version: !new 1\n', '1:10', 'Not plain YAML'],
    ['two documents', 'version: 1\n---\nversion: 1\n', '2:1', 'Not YAML'],
    ['deep nesting', `version: ${'['.repeat(100_000)}`, '1:70', 'Nested more than 60 levels deep'],
    ['nothing at all', '', '1:1', "Nothing isn't right: a schedules file is a mapping that begins with version: 1."],
    ['a list', '- a\n', '1:1', 'a schedules file is a mapping'],
    // Keys
    ['no version', 'schedules: {}\n', '1:1', 'version is missing: version is 1'],
    ['another version', 'version: 2\n', '1:10', "2 isn't right: version is 1"],
    ['a misspelt key', windows('    runing: always\n'), '6:5', 'no key “runing” here. Did you mean “running”?'],
    ['a key in other letters', `time-zone: UTC\nversion: 1\n`, '1:1', 'Did you mean “timeZone”?'],
    [
      'a policy on cron',
      cron(`    cron: 0 0 * * *\n    policy: enforce\n${snapshot}`),
      '6:5',
      'It belongs to a schedule with running',
    ],
    ['a merge key', windows('    running: always\n    <<: { priority: 1 }\n'), '7:5', 'Merge keys'],
    ['running and cron', windows('    running: always\n    cron: 0 0 * * *\n'), '7:5', 'either running'],
    ['neither of them', windows('    priority: 1\n'), '4:3', 'running is missing'],
    ['a schedule that is a text', `${head}  s: always\n`, '4:6', 'a schedule is a mapping'],
    ['a schedule of nothing', `${head}  s:\n`, '4:3', 'a schedule is a mapping'],
    [
      'a name in capitals',
      `${head}${running('', 'Office')}`,
      '4:3',
      "“Office” can't be a name here: a name has 1 to 63",
    ],
    ['a name of a wrong kind', `${head}${running('', 'a--b')}`, '4:3', 'single hyphens'],
    ['a long name', `${head}${running('', 'a'.repeat(64))}`, '4:3', '1 to 63'],
    // Zones
    [
      'an unknown zone',
      'version: 1\ntimeZone: Europe/Berlim\n',
      '2:11',
      'no time zone “Europe/Berlim”. Did you mean “Europe/Berlin”?',
    ],
    ['a city', windows('    running: always\n    timeZone: New York\n'), '7:15', 'Did you mean “America/New_York”?'],
    ['an offset', 'version: 1\ntimeZone: +02:00\n', '2:11', 'knows no daylight saving'],
    ['no zone', `version: 1\nschedules:\n${running()}`, '3:3', 'timeZone is missing, here and at the top'],
    // Windows
    [
      'an end before its start',
      windows('    running: { days: fri, from: 22:00, to: 06:00 }\n'),
      '6:44',
      'from 22:00 to 24:00, and on the days after from 00:00 to 06:00',
    ],
    ['an empty window', windows('    running: { days: fri, from: 22:00, to: 22:00 }\n'), '6:44', 'ends when it begins'],
    [
      'a time that is a number',
      windows('    running: { days: fri, from: 7, to: 22:00 }\n'),
      '6:33',
      '7 isn\'t right: a time has hours and minutes on the 24-hour clock, in quotes. Example: "07:00"',
    ],
    [
      'a time past the day',
      windows('    running: { days: fri, from: 07:00, to: 25:00 }\n'),
      '6:44',
      "“25:00” isn't right",
    ],
    [
      '24:00 as a start',
      windows('    running: { days: fri, from: 24:00, to: 24:00 }\n'),
      '6:33',
      "“24:00” isn't right",
    ],
    [
      'a missing end',
      windows('    running:\n      - { days: fri, from: 07:00 }\n'),
      '7:9',
      'to is missing: a time has',
    ],
    [
      'an unknown day',
      windows('    running: { days: mo-fri, from: 07:00, to: 08:00 }\n'),
      '6:22',
      "“mo-fri” isn't right: days are mon, tue",
    ],
    ['an unknown word', windows('    running: sometimes\n'), '6:14', 'always or never'],
    ['a key in a window', windows('    running: [{ day: fri, from: 07:00, to: 08:00 }]\n'), '6:15', 'days is missing'],
    // Exceptions and one-offs
    [
      'an exception that is no date',
      windows('    running: always\n    except: [2026-02-30]\n'),
      '7:14',
      'There is no 2026-02-30',
    ],
    [
      'a holiday that is no date',
      'version: 1\nholidays:\n  de: [2026-12-25, 2026-13-01]\n',
      '3:20',
      'There is no 2026-13-01',
    ],
    [
      'an unknown list',
      `holidays: { germany: [2026-12-25] }\n${windows('    running: always\n    except: [germani]\n')}`,
      '8:14',
      'Did you mean “germany”?',
    ],
    ['a list with no lists', windows('    running: always\n    except: [spain]\n'), '7:14', 'There are: none'],
    [
      'a one-off backwards',
      windows('    running: always\n    once: [{ from: 2026-12-12 08:00, to: 2026-12-11 08:00, running: false }]\n'),
      '7:42',
      'ends before it has begun',
    ],
    [
      'a one-off on no date',
      windows('    running: always\n    once: [{ from: 2027-02-29 08:00, to: 2027-03-11 08:00, running: false }]\n'),
      '7:20',
      'There is no 2027-02-29',
    ],
    [
      'a one-off with a zone',
      windows('    running: always\n    once: [{ from: 2026-12-12T08:00Z, to: 2026-12-13 08:00, running: false }]\n'),
      '7:20',
      'without a zone',
    ],
    [
      'a one-off with a word for true',
      windows('    running: always\n    once: [{ from: 2026-12-12 08:00, to: 2026-12-13 08:00, running: yes }]\n'),
      '7:69',
      'true or false',
    ],
    // What it applies to
    ['no applies', `${head}  s:\n    running: always\n`, '4:3', 'applies is missing'],
    ['an empty applies', `${head}  s:\n    running: always\n    applies: []\n`, '6:14', 'names no resources'],
    [
      'an entry of a target only',
      `${head}  s:\n    running: always\n    applies: [{ target: prod }]\n`,
      '6:15',
      'Give it clusters, graphs or a tag',
    ],
    [
      'an unknown target',
      `${head}  s:\n    running: always\n    applies: [{ clusters: [a], target: prd }]\n`,
      '6:40',
      'no target “prd”. Did you mean “prod”? There are: default, prod',
    ],
    ['a pattern of odd letters', `${head}${running('', 's', '["dev_?"]')}`, '7:20', 'an identifier or a pattern'],
    [
      'a tag without a value',
      `${head}  s:\n    running: always\n    applies: [{ tag: office }]\n`,
      '6:22',
      'a tag is key=value',
    ],
    // Rules
    ['an unknown policy', `${head}${running('    policy: force\n')}`, '8:13', 'enforce or respect-manual'],
    ['half a priority', `${head}${running('    priority: 0.5\n')}`, '8:15', 'a whole number'],
    [
      'an odd time to wait',
      `${head}${running('    stop: { when-busy: { postpone: 2 hours } }\n')}`,
      '8:36',
      'Example: 1h30m',
    ],
    ['a long time to wait', `${head}${running('    stop: { when-busy: { postpone: 25h } }\n')}`, '8:36', '24h at most'],
    ['an unknown way out', `${head}${running('    stop: { when-unknown: wait }\n')}`, '8:27', 'is stop or leave'],
    // Clashes
    [
      'the same cluster twice',
      head + running() + running('', 't'),
      '11:20',
      '“dev-1” in target default is meant by “s” (line 7) as well, with the same priority 0',
    ],
    [
      'a name in a pattern',
      head + running('', 's', '["dev-*"]') + running('', 't', '[Dev-1]'),
      '11:20',
      'say which decides: priority: 10',
    ],
    ['a pattern over a name', head + running() + running('', 't', '["d*"]'), '11:20', 'meant by “s”'],
    [
      'a pattern in a pattern',
      head + running('', 's', '["dev-*-a"]') + running('', 't', '["dev-*"]'),
      '11:20',
      'meant by “s”',
    ],
    [
      'the same tag',
      `${head}${['s', 't'].map((name) => `  ${name}:\n    running: always\n    applies: [{ tag: a=b }]\n`).join('')}`,
      '9:22',
      'with the tag a=b',
    ],
    [
      'a tag among all',
      `${head}${running('', 's', '["*"]')}  t:\n    running: always\n    applies: [{ tag: a=b }]\n`,
      '10:22',
      'clusters with the tag a=b',
    ],
    // Cron
    [
      'cron with seconds',
      cron(`    cron: 0 30 2 * * *\n${stop}`),
      '5:11',
      'Leave the seconds away. Example, half past two every night: "30 2 * * *"',
    ],
    [
      'cron that is nonsense',
      cron(`    cron: every night at two o'clock\n${stop}`),
      '5:11',
      "isn't a field of plain cron",
    ],
    ['cron on no date', cron(`    cron: 0 0 30 2 *\n${stop}`), '5:11', 'never fires'],
    ['no operation', cron('    cron: 0 0 * * *\n'), '4:3', 'operation is missing'],
    [
      'an unknown operation',
      cron('    cron: 0 0 * * *\n    operation: create-graph-snapshots\n'),
      '6:16',
      'Did you mean “create-graph-snapshot”? There are: start-db-cluster',
    ],
    [
      'no input',
      cron(`    cron: 0 0 * * *\n${snapshot}    applies: [{ graphs: ["*"] }]\n`),
      '4:3',
      'The input of create-graph-snapshot: snapshotName is missing. Example: {"snapshotName":"nightly-1"',
    ],
    [
      'an input without its name',
      cron(`    cron: 0 0 * * *\n${snapshot}    input: { tags: {} }\n    applies: [{ graphs: ["*"] }]\n`),
      '7:5',
      'snapshotName is missing',
    ],
    [
      'an input that is wrong',
      cron(
        `    cron: 0 0 * * *\n${snapshot}    input: { snapshotName: "Nightly-{date}" }\n    applies: [{ graphs: ["*"] }]\n`,
      ),
      '7:28',
      "snapshotName isn't right: lower-case letters",
    ],
    [
      'a field too many',
      cron(
        `    cron: 0 0 * * *\n${snapshot}    input: { snapshotNames: a, snapshotName: b }\n    applies: [{ graphs: ["*"] }]\n`,
      ),
      '7:14',
      'no field “snapshotNames”. Did you mean “snapshotName”?',
    ],
    [
      'the identifier twice',
      cron(
        `    cron: 0 0 * * *\n${snapshot}    input: { snapshotName: b, graphIdentifier: g-0123456789 }\n    applies: [{ graphs: ["*"] }]\n`,
      ),
      '7:31',
      'filled in from applies',
    ],
    [
      'no identifier',
      cron(`    cron: 0 0 * * *\n${snapshot}    input: { snapshotName: b }\n`),
      '7:5',
      'graphIdentifier is missing',
    ],
    [
      'an unknown placeholder',
      cron(
        `    cron: 0 0 * * *\n${snapshot}    input: { snapshotName: "a-{dat}" }\n    applies: [{ graphs: ["*"] }]\n`,
      ),
      '7:28',
      'Did you mean {date}?',
    ],
    [
      '{id} without applies',
      cron(`    cron: 0 0 * * *\n${snapshot}    input: { snapshotName: "a-{id}", graphIdentifier: g-0123456789 }\n`),
      '7:28',
      'there is no applies',
    ],
    [
      'clusters for a graph',
      cron(`    cron: 0 0 * * *\n${snapshot}    input: { snapshotName: b }\n    applies: [{ clusters: [a] }]\n`),
      '8:17',
      'acts on graphs only',
    ],
    [
      'applies for an import',
      cron('    cron: 0 0 * * *\n    operation: cancel-import-task\n    applies: [{ graphs: ["*"] }]\n'),
      '7:5',
      'Take applies out',
    ],
    [
      'an empty applies of cron',
      cron(`    cron: 0 0 * * *\n${snapshot}    applies: []\n`),
      '7:14',
      'names no resources',
    ],
    [
      'an unknown target of cron',
      cron(
        '    cron: 0 0 * * *\n    operation: stop-db-cluster\n    input: { dbClusterIdentifier: a }\n    target: x\n',
      ),
      '8:13',
      'no target “x”',
    ],
    [
      'a target beside applies',
      cron('    cron: 0 0 * * *\n    operation: stop-db-cluster\n    applies: [{ clusters: [a] }]\n    target: prod\n'),
      '8:5',
      'Move it there',
    ],
    // Erasing
    [
      'erasing by pattern',
      cron(
        '    cron: 0 0 * * *\n    operation: fast-reset\n    input: { confirm: test-1 }\n    applies: [{ clusters: ["test-*"] }]\n',
      ),
      '8:5',
      'erases, so it takes no patterns',
    ],
    [
      'erasing by tag',
      cron(
        '    cron: 0 0 * * *\n    operation: fast-reset\n    input: { confirm: test-1 }\n    applies: [{ clusters: [test-1], tag: a=b }]\n',
      ),
      '8:5',
      'no tags',
    ],
    [
      'erasing everywhere',
      cron(
        '    cron: 0 0 * * *\n    operation: fast-reset\n    input: { confirm: test-1 }\n    applies: [{ clusters: [test-1], target: "*" }]\n',
      ),
      '8:5',
      'no second target',
    ],
    [
      'erasing without confirm',
      cron('    cron: 0 0 * * *\n    operation: fast-reset\n    input: { dbClusterIdentifier: test-1 }\n'),
      '7:5',
      'confirm is missing',
    ],
    [
      'erasing with a placeholder',
      cron(
        '    cron: 0 0 * * *\n    operation: fast-reset\n    input: { confirm: "{id}" }\n    applies: [{ clusters: [test-1] }]\n',
      ),
      '7:23',
      'in plain letters',
    ],
    [
      'erasing another',
      cron(
        '    cron: 0 0 * * *\n    operation: fast-reset\n    input: { confirm: test-1 }\n    applies: [{ clusters: [test-1, test-2] }]\n',
      ),
      '7:23',
      'would erase “test-2”',
    ],
    // Prices
    ['a negative price', 'version: 1\nprices: { currency: USD, graph-memory: -1 }\n', '2:40', 'a price is 0 or more'],
    [
      'a price that is a text',
      'version: 1\nprices: { currency: USD, instances: { db.r6g.large: free } }\n',
      '2:53',
      "“free” isn't right: a price is a number",
    ],
    [
      'a price beyond numbers',
      'version: 1\nprices: { currency: USD, graph-memory: .nan }\n',
      '2:40',
      'a price is a number',
    ],
    ['an odd currency', 'version: 1\nprices: { currency: dollars }\n', '2:21', 'three capital letters'],
    [
      'an odd instance class',
      'version: 1\nprices: { currency: USD, instances: { r6g.large: 1 } }\n',
      '2:39',
      'begins with db.',
    ],
  ])('%s', (_, text, at, message) => {
    const found = said(text);
    expect(found).toMatchObject({ level: 'error', at, message: expect.stringContaining(message), plan: undefined });
  });

  it('a file of more than a megabyte, and one of more than 200 schedules', () => {
    expect(said(`version: 1\n#${'x'.repeat(largestFile)}`)).toMatchObject({
      at: '1:1',
      message: expect.stringContaining('it may have 1 MB'),
    });
    const many = Array.from({ length: 201 }, (_, index) => running('', `s${index}`, `[c${index}]`)).join('');
    expect(said(head + many)).toMatchObject({ at: '3:1', message: expect.stringContaining('201 schedules') });
    expect(read(head + many.slice(0, many.indexOf('  s200:'))).plan?.schedules).toHaveLength(200);
  });

  it('one of more than 1,000 patterns, or of more than 10,000 names over all targets', () => {
    const names = (count: number, text: (index: number) => string) =>
      head + running('', 's', `[${Array.from({ length: count }, (_, index) => text(index)).join(', ')}]`);
    expect(said(names(1_001, (index) => `"d${index}-*"`))).toMatchObject({
      at: '3:1',
      message: expect.stringContaining('There are 1001 patterns with *; a file has at most 1000'),
    });
    expect(read(names(1_000, (index) => `"d${index}-*"`)).plan).toBeDefined();
    const everywhere = (count: number) =>
      names(count, (index) => `d${index}`).replace('- cl', '- target: "*"\n        cl');
    expect(said(everywhere(5_001))).toMatchObject({ message: expect.stringContaining('name 10002 resources') });
    expect(read(everywhere(5_000)).plan?.schedules[0]?.applies).toHaveLength(10_000);
  });

  it.each([
    ['windows', windows(`    running: [${'{ days: mon, from: 07:00, to: 08:00 }, '.repeat(101)}]\n`), '100 windows'],
    [
      'one-offs',
      windows(
        `    running: never\n    once: [${'{ from: 2027-12-12 08:00, to: 2027-12-12 18:00, running: true }, '.repeat(1_001)}]\n`,
      ),
      '1,000 one-offs',
    ],
    ['exceptions', windows(`    running: always\n    except: [${'2027-12-24, '.repeat(1_001)}]\n`), '1,000 entries'],
  ])('one whose schedule has too many %s', (_, text, message) => {
    expect(said(text)).toMatchObject({ plan: undefined, message: expect.stringContaining(message) });
  });

  it('without repeating all of what is too long', () => {
    expect(said(`version: 1\ntimeZone: ${'x'.repeat(50_000)}\n`).message?.length).toBeLessThan(1_100);
  });

  it('all mistakes at once, in the order of the file, and no more than a hundred', () => {
    const text = `${head}  a:\n    running: sometimes\n    applies: []\n  b:\n    cron: x\n    operation: nope\n`;
    expect(read(text).findings.map(({ line, path }) => [line, path])).toEqual([
      [5, 'schedules.a.running'],
      [6, 'schedules.a.applies'],
      [8, 'schedules.b.cron'],
      [9, 'schedules.b.operation'],
    ]);
    const keys = Array.from({ length: 500 }, (_, index) => `key${index}: 1\n`).join('');
    const { findings } = read(`version: 1\n${keys}`);
    expect([findings.length, findings.at(-1)?.message]).toEqual([
      101,
      'And 400 more from here on. Correct these first.',
    ]);
  });

  it('soon, also if it is a megabyte of keys, of aliases or of brackets', () => {
    const start = process.cpuUsage().user;
    const keys = Array.from({ length: 20_000 }, (_, index) => `k${index}: 1\n`).join('');
    const laughs = `version: 1\na0: &a0 [x]\n${Array.from({ length: 9 }, (_, index) => `a${index + 1}: &a${index + 1} [${`*a${index}, `.repeat(10)}]\n`).join('')}`;
    const stars = (name: string, pattern: string) => running('', name, `["${pattern}"]`);
    const clash = head + stars('a', '*a'.repeat(31)) + stars('b', `${'a*'.repeat(30)}b`);
    expect(read(clash).plan).toBeDefined();
    const lists = Array.from({ length: 15_000 }, (_, index) => `  h${index}: []\n`).join('');
    const unknown = Array.from({ length: 1_000 }, (_, index) => `x${index}`).join(', ');
    const holidays = `holidays:\n${lists}${windows(`    running: always\n    except: [${unknown}]\n`)}`;
    for (const text of [holidays, keys, laughs, '['.repeat(1_000_000), '- '.repeat(500_000), '? '.repeat(500_000)]) {
      expect(read(text.slice(0, largestFile)).plan).toBeUndefined();
    }
    expect((process.cpuUsage().user - start) / 1_000_000).toBeLessThan(15);
  });
});

describe('a schedules file comes into force with a warning for', () => {
  const gap = 'timeZone: Europe/Berlin';
  it.each<[what: string, text: string, at: string, message: string]>([
    [
      'a start that clocks will skip',
      windows('    running: { days: sun, from: 02:30, to: 12:00 }\n'),
      '6:33',
      'On 2027-03-28 there is no 02:30 in Europe/Berlin: clocks go from 02:00 to 03:00. It begins at 03:00 then.',
    ],
    [
      'an end that clocks will skip',
      windows('    running: { days: daily, from: 00:00, to: 02:45 }\n'),
      '6:46',
      'It ends at 02:00 then, which is 03:00',
    ],
    [
      'a one-off that clocks will skip',
      windows('    running: always\n    once: [{ from: 2027-03-28 02:15, to: 2027-03-28 08:00, running: false }]\n'),
      '7:20',
      'there is no 02:15',
    ],
    [
      'exceptions that have all passed',
      windows('    running: always\n    except: [2026-01-01, 2025-12-24]\n'),
      '7:5',
      'All exceptions have passed',
    ],
    [
      'one-offs that have all passed',
      windows('    running: always\n    once: [{ from: 2026-01-01 00:00, to: 2026-01-02 00:00, running: false }]\n'),
      '7:5',
      'All one-offs have passed',
    ],
  ])('%s', (_, text, at, message) => {
    expect(text).toContain(gap);
    const found = said(text);
    expect(found).toMatchObject({ level: 'warning', at, message: expect.stringContaining(message) });
    expect(found.plan).toBeDefined();
  });

  it.each([
    ['clocks change on another weekday', windows('    running: { days: mon-sat, from: 02:30, to: 12:00 }\n')],
    ['the time is where the gap begins or ends', windows('    running: { days: sun, from: 02:00, to: 03:00 }\n')],
    [
      'the day is an exception',
      windows('    running: { days: sun, from: 02:30, to: 12:00 }\n    except: [2027-03-28, 2028-03-26]\n'),
    ],
    ['an exception is yet to come', windows('    running: always\n    except: [2026-01-01, 2026-12-24]\n')],
  ])('nothing when %s', (_, text) => expect(read(text)).toMatchObject({ findings: [], plan: expect.anything() }));
});

describe('two schedules may stand side by side', () => {
  it.each([
    ['with different priorities', running() + running('    priority: 1\n', 't')],
    [
      'in different targets',
      `${running()}  t:\n    running: always\n    applies: [{ clusters: [dev-1], target: prod }]\n`,
    ],
    [
      'for clusters and graphs',
      `${running('', 's', '["*"]')}  t:\n    running: always\n    applies: [{ graphs: ["*"] }]\n`,
    ],
    ['with patterns that need not meet', running('', 's', '["dev-*"]') + running('', 't', '["*-1"]')],
    [
      'with different tags',
      `${['s', 't'].map((name) => `  ${name}:\n    running: always\n    applies: [{ tag: a=${name} }]\n`).join('')}`,
    ],
    [
      'with a name, and a tag that it may not have',
      `${running()}  t:\n    running: always\n    applies: [{ tag: a=b }]\n`,
    ],
    ['within one schedule', running('', 's', '[dev-1, "dev-*"]')],
  ])('%s', (_, schedules) => expect(read(head + schedules)).toMatchObject({ findings: [], plan: expect.anything() }));
});

describe('a cron schedule of a file', () => {
  it('may erase what it names in full and confirms', () => {
    const named = cron(
      '    cron: 0 0 * * sun\n    operation: fast-reset\n    input: { confirm: test-1, dbClusterIdentifier: test-1 }\n    target: prod\n',
    );
    expect(read(named)).toMatchObject({ findings: [], plan: { schedules: [{ target: 'prod', applies: [] }] } });
    const applied = cron(
      '    cron: 0 0 * * sun\n    operation: fast-reset\n    input: { confirm: test-1 }\n    applies: [{ clusters: [test-1] }]\n',
    );
    expect(read(applied)).toMatchObject({ findings: [], plan: { schedules: [{ applies: [{ pattern: 'test-1' }] }] } });
  });

  it('means by a tag alone only the kind that its operation acts on', () => {
    const { plan, findings } = read(
      cron(`    cron: 0 0 * * *\n${snapshot}    input: { snapshotName: "a-{id}" }\n    applies: [{ tag: a=b }]\n`),
    );
    expect(findings).toEqual([]);
    expect(plan!.schedules[0]!.applies).toMatchObject([{ kind: 'graph', pattern: '*' }]);
  });
});
