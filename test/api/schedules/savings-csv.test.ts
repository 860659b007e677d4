// The table of savings for spreadsheets, cell by cell.
import { describe, expect, it } from 'vitest';
import { savingsCsv } from '../../../src/api/schedules/savings-csv.ts';

function csvOf(name: string): string {
  const saved = {
    asleepHours: 0.125,
    awakeHours: 0,
    movingHours: 0,
    unknownHours: 2,
    instanceHours: { 'db.r6g.large': 1.5, 'db.r6g.xlarge': 3 },
    memoryHours: 0,
    money: null,
    unknownPrices: ['db.r6g.xlarge'],
  };
  const row = { resource: 'default/db-cluster/dev-1', name, schedule: 'nights', ...saved };
  const time = { from: '2026-11-01T00:00:00.000Z', to: '2026-12-01T00:00:00.000Z', currency: null };
  return savingsCsv({ ...time, rows: [row], total: saved, days: [] });
}

describe('savings as CSV', () => {
  it('have a line of names, a line a row, and nothing where nothing is known', () => {
    expect(csvOf('dev-1')).toBe(
      'resource,name,schedule,from,to,asleep_hours,awake_hours,moving_hours,unknown_hours,instance_hours,' +
        'memory_gb_hours,money,currency,unknown_prices\r\n' +
        'default/db-cluster/dev-1,dev-1,nights,2026-11-01T00:00:00.000Z,2026-12-01T00:00:00.000Z,0.125,0,0,2,' +
        'db.r6g.large=1.5; db.r6g.xlarge=3,0,,,db.r6g.xlarge\r\n',
    );
  });

  it.each([
    ['a,b', '"a,b"'],
    ['a"b', '"a""b"'],
    ['a\r\nb', '"a\r\nb"'],
    ['a\nb', '"a\nb"'],
    ['\n=1+1', '"\n=1+1"'],
  ])('quote %j', (name, cell) => {
    expect(csvOf(name)).toContain(`/dev-1,${cell},nights`);
  });

  it.each(['=1+1', '+1', '-1', '@SUM(1)', '\t=1', '＝1'])('show %j as a text', (name) => {
    expect(csvOf(name)).toContain(`/dev-1,'${name},nights`);
  });
});
