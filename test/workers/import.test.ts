// Import tasks: watched to their end, cancelled, and looked at as often as their own progress says.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { timeToLookAgain } from '../../src/aws/import-task.ts';
import { watchImportTask } from '../../src/handlers/watch-import-task.ts';
import { nextPoll } from '../../src/workers/cadence.ts';
import { describeLifecycle } from '../support/lifecycle-suite.ts';
import { soon } from '../support/patience.ts';

describeLifecycle('watching an import', (suite) => {
  const { importTask, advance } = suite;
  const watch = (taskIdentifier: string) => suite.driver.ask('watch-import-task', { taskIdentifier });
  const polls = (id: string) =>
    suite.driver.requests({ action: 'GetImportTask', resource: `import-task/${id}` }).length;

  it('ends when the import does, with its progress on the way', async () => {
    const id = importTask();
    const job = await watch(id);
    await suite.driver.drive(async () => ((await suite.driver.job(job.id)).progress?.percent ?? 0) > 20);
    expect((await suite.driver.job(job.id)).progress).toMatchObject({
      percent: expect.any(Number),
      timeElapsedSeconds: expect.any(Number),
      statementCount: expect.any(Number),
      dictionaryEntryCount: expect.any(Number),
      errorCount: 0,
    });
    const { outcome } = await suite.driver.end(job.id);
    expect(outcome).toMatchObject({ state: 'succeeded', changed: false, status: 'SUCCEEDED', result: { taskId: id } });
  });

  it('mistake 9: ROLLING_BACK is not the end', async () => {
    const id = importTask({ plan: 'fail' });
    const job = await watch(id);
    await suite.driver.drive(async () => (await suite.driver.job(job.id)).status === 'ROLLING_BACK');
    expect(await suite.driver.job(job.id)).toMatchObject({ state: 'running', status: 'ROLLING_BACK' });
    expect((await suite.driver.end(job.id)).outcome).toMatchObject({
      state: 'failed',
      code: 'import-failed',
      status: 'FAILED',
      reason: 'Errors were encountered in the data and failOnError is true.',
    });
  });

  it.each([
    'RE_PROVISIONING',
    'ERROR_ENCOUNTERED',
    'ERROR_ENCOUNTERED_ROLLING_BACK',
    'EXPORTING',
    'REPROVISIONING',
    'PONDERING',
  ])('%s is under way', async (status) => {
    const id = importTask();
    suite.account.outsider.setImportStatus(id, status);
    const job = await watch(id);
    await suite.driver.visit(job.id);
    expect(await suite.driver.job(job.id)).toMatchObject({ state: 'running', status });
    suite.account.outsider.setImportStatus(id, 'SUCCEEDED');
    expect((await suite.driver.end(job.id)).outcome).toMatchObject({ state: 'succeeded' });
  });

  it('an import in the older spellings is followed to its end', async () => {
    const id = importTask({ plan: 'fail', oldSpelling: true, reprovisions: true });
    expect((await suite.driver.end((await watch(id)).id)).outcome).toMatchObject({
      state: 'failed',
      code: 'import-failed',
    });
  });

  it('a cancelled import is cancelled, a deleted one failed', async () => {
    const [cancelled, deleted] = [importTask(), importTask()];
    suite.account.outsider.cancelImport(cancelled);
    suite.account.outsider.setImportStatus(deleted, 'DELETED');
    const jobs = [await watch(cancelled), await watch(deleted)];
    await suite.driver.drive();
    const outcomes = await Promise.all(jobs.map(async ({ id }) => (await suite.driver.job(id)).outcome));
    expect(outcomes).toMatchObject([{ state: 'cancelled' }, { state: 'failed', code: 'import-task-deleted' }]);
  });

  it('a failure without its reason is asked for it a little longer, and soon', async () => {
    suite.account.durations.importReasonMs = 25_000;
    const id = importTask({ plan: 'fail', totalMs: 8 * 3_600_000 });
    advance(8 * 3_600_000 + 1_000);
    const job = await watch(id);
    await suite.driver.visit(job.id);
    expect(await suite.driver.job(job.id)).toMatchObject({ state: 'running', status: 'FAILED' });
    const { outcome, createdAt, finishedAt = 0 } = await suite.driver.end(job.id);
    suite.account.durations.importReasonMs = 400;
    expect(outcome).toMatchObject({
      state: 'failed',
      reason: 'Errors were encountered in the data and failOnError is true.',
    });
    expect(finishedAt - createdAt).toBeLessThan(60_000);
  });

  it('a watch never claims that it may have changed anything, whatever it remembers of its looks', async () => {
    const id = suite.importTask({ plan: 'fail', totalMs: 1_000 });
    suite.account.durations.importReasonMs = 30_000;
    advance(1_100);
    const job = await suite.driver.ask('watch-import-task', { taskIdentifier: id });
    expect((await suite.driver.end(job.id)).outcome).toMatchObject({ state: 'failed', changed: false });
    suite.account.durations.importReasonMs = 300;
  });

  it('a failure whose reason never comes ends without one', async () => {
    suite.account.durations.importReasonMs = 30 * 86_400_000;
    const id = importTask({ plan: 'fail', totalMs: 8 * 3_600_000 });
    advance(8 * 3_600_000 + 1_000);
    const { outcome, createdAt, finishedAt = 0 } = await suite.driver.end((await watch(id)).id);
    suite.account.durations.importReasonMs = 400;
    expect(outcome).toMatchObject({
      state: 'failed',
      code: 'import-failed',
      reason: expect.stringContaining('no reason'),
    });
    expect(finishedAt - createdAt).toBeLessThan(120_000);
  });

  it('an import that ran out of memory has a code of its own', async () => {
    const { outcome } = await suite.driver.end((await watch(importTask({ plan: 'out-of-memory' }))).id);
    expect(outcome).toMatchObject({ state: 'failed', code: 'import-out-of-memory' });
    expect(outcome?.reason).toContain('insufficient memory');
  });

  it('a task that does not exist fails at once', async () => {
    expect((await suite.driver.end((await watch('t-nosuchone0')).id)).outcome).toMatchObject({
      code: 'import-task-not-found',
    });
  });

  it('mistake 8: what may not be read, 403, is not tried again, and no worker is held between polls', async () => {
    const id = importTask({ totalMs: 8 * 3_600_000 });
    suite.switches.fault({ code: 'AccessDeniedException' }, { action: 'GetImportTask', times: 1 });
    const { outcome } = await suite.driver.end((await watch(id)).id);
    expect(outcome).toMatchObject({ state: 'failed', code: 'AccessDeniedException' });
    expect(polls(id)).toBe(1);
    const other = await watch(id);
    const before = performance.now();
    const visited = await suite.driver.visit(other.id);
    expect(visited).toMatchObject({ effect: { do: 'look-again' } });
    expect(performance.now() - before).toBeLessThan(soon);
  });

  it('looks often enough at a short import and seldom enough at a long one', async () => {
    const [short, long] = [importTask({ totalMs: 60_000 }), importTask({ totalMs: 8 * 3_600_000 })];
    await suite.driver.end((await watch(short)).id);
    const { finishedAt = 0, createdAt } = await suite.driver.end((await watch(long)).id);
    expect(polls(short)).toBeLessThan(10);
    expect(polls(long)).toBeLessThan(60);
    expect(finishedAt - createdAt).toBeLessThan(8 * 3_600_000 + 60_000);
  });
});

describeLifecycle('cancelling an import', (suite) => {
  const { importTask } = suite;
  const cancel = (taskIdentifier: string) => suite.driver.ask('cancel-import-task', { taskIdentifier });
  const cancels = (id: string) => suite.driver.effects('cancel-import-task', `import-task/${id}`);
  const calls = (id: string) =>
    suite.driver.requests({ action: 'CancelImportTask', resource: `import-task/${id}` }).length;

  it('ends when the task is seen cancelled, not when the call is answered', async () => {
    const id = importTask();
    suite.account.durations.cancelImportMs = 60_000;
    const job = await cancel(id);
    await suite.driver.until(job.id, 'follow');
    await suite.driver.step();
    expect(await suite.driver.job(job.id)).toMatchObject({ state: 'running', status: 'CANCELLING' });
    expect((await suite.driver.end(job.id)).outcome).toMatchObject({
      state: 'succeeded',
      changed: true,
      status: 'CANCELLED',
    });
    suite.account.durations.cancelImportMs = 1_500;
    expect(cancels(id)).toBe(1);
  });

  it('a task that is cancelled, or being cancelled, is not cancelled again', async () => {
    const [done, going] = [importTask(), importTask()];
    suite.account.outsider.setImportStatus(done, 'CANCELLED');
    suite.account.outsider.cancelImport(going);
    for (const id of [done, going]) {
      expect((await suite.driver.end((await cancel(id)).id)).outcome).toMatchObject({
        state: 'succeeded',
        changed: false,
      });
      expect(calls(id)).toBe(0);
    }
  });

  it.each(['SUCCEEDED', 'FAILED', 'DELETED'])(
    'mistake 4: a task that is %s first was not cancelled',
    async (status) => {
      const id = importTask();
      suite.account.outsider.setImportStatus(id, status);
      expect((await suite.driver.end((await cancel(id)).id)).outcome).toMatchObject({
        state: 'failed',
        changed: false,
        code: 'too-late',
        status,
        reason: expect.stringMatching(/^The import had .* before it could be cancelled\./),
      });
      expect(calls(id)).toBe(0);
    },
  );

  it.each(['ConflictException', 'ValidationException'] as const)(
    'mistake 4: a task that ends between the look and the call (%s) was not cancelled either',
    async (code) => {
      const id = importTask();
      suite.account.cancelRefusedWith = code;
      suite.driver.atGate = () => {
        suite.account.outsider.setImportStatus(id, 'SUCCEEDED');
        return true;
      };
      const { outcome } = await suite.driver.end((await cancel(id)).id);
      suite.account.cancelRefusedWith = 'ConflictException';
      expect(outcome).toMatchObject({ state: 'failed', changed: false, code: 'too-late', status: 'SUCCEEDED' });
      expect(cancels(id)).toBe(0);
    },
  );

  it('a task that rolls back refuses, and ends as what it was', async () => {
    const id = importTask({ plan: 'fail' });
    suite.advance(500_000);
    expect((await suite.driver.end((await cancel(id)).id)).outcome).toMatchObject({
      state: 'failed',
      code: 'too-late',
      status: 'FAILED',
      reason: expect.stringMatching(/^The import had failed before it could be cancelled\. AWS says: Errors were/),
    });
    expect(cancels(id)).toBe(0);
  });

  it('a lost answer is settled by looking', async () => {
    const id = importTask();
    suite.switches.drop({ when: 'after' }, { action: 'CancelImportTask', times: 1 });
    expect((await suite.driver.end((await cancel(id)).id)).outcome).toMatchObject({
      state: 'succeeded',
      changed: true,
    });
    expect([calls(id), cancels(id)]).toEqual([1, 1]);
  });
});

describe('the time to the next look at an import', () => {
  const [shortest, longest] = watchImportTask.timing.poll;
  const progress = fc.record({
    percent: fc.double({ min: 0, max: 100, noNaN: true }),
    timeElapsedSeconds: fc.double({ min: 0, max: 1e7, noNaN: true }),
  });

  it('stays within the declared cadence, whatever AWS says of the progress', () => {
    const anything = fc.oneof(
      progress,
      fc.constant(undefined),
      fc.record({ percent: fc.double(), timeElapsedSeconds: fc.double() }),
    );
    fc.assert(
      fc.property(anything, fc.nat(10_000), fc.double({ min: 0, max: 0.999, noNaN: true }), (given, polls, random) => {
        const wished = timeToLookAgain(given);
        const seen = {
          status: 'IMPORTING',
          verdict: 'pending',
          ...(wished === undefined ? {} : { nextPoll: wished }),
        } as const;
        const next = nextPoll(watchImportTask.timing, seen, polls, {}, () => random);
        return next >= Math.floor(shortest * 0.9) && next <= longest;
      }),
    );
  });

  it('is never more than a quarter of the time gone by, nor than half of what remains', () => {
    fc.assert(
      fc.property(progress, (given) => {
        const wished = timeToLookAgain(given);
        if (wished === undefined) return given.timeElapsedSeconds <= 0;
        const elapsed = given.timeElapsedSeconds * 1_000;
        const remains =
          given.percent > 0 && given.percent < 100 ? (elapsed * (100 - given.percent)) / given.percent : Infinity;
        return wished >= 0 && wished <= elapsed / 4 && wished <= remains / 2;
      }),
    );
  });

  it('obeys the bounds of the settings', () => {
    fc.assert(
      fc.property(
        fc.nat(100),
        fc.integer({ min: 1, max: 500 }),
        fc.integer({ min: 500, max: 5_000 }),
        (polls, pollMin, pollMax) => {
          const next = nextPoll(watchImportTask.timing, undefined, polls, { pollMin, pollMax }, Math.random);
          return next >= pollMin && next <= pollMax;
        },
      ),
    );
  });
});
