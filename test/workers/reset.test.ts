// The fast reset: the token that nobody may see, the proof that it happened, and every way in which it must not happen.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { ClusterOptions } from '../../emulator/neptune/clusters.ts';
import { type JobRecord, indexOf, keyOf, readJob } from '../../src/records/job.ts';
import { Driver } from '../support/driver.ts';
import { describeLifecycle } from '../support/lifecycle-suite.ts';

describeLifecycle('a fast reset', (suite) => {
  const { advance } = suite;
  const full = (options: Partial<ClusterOptions> = {}) =>
    suite.cluster({ dataPlane: true, instances: 2, data: 7, ...options });
  const ask = (id: string) => suite.driver.ask('fast-reset', { dbClusterIdentifier: id, confirm: id });
  const resets = (id: string) => suite.driver.effects('reset', `db-cluster/${id}`);
  const tokens = (id: string) => suite.driver.effects('initiate-reset', `db-cluster/${id}`);
  const clusterOf = (id: string) => {
    const cluster = suite.account.clusters.get(id);
    if (cluster === undefined) throw new Error(`no cluster ${id}`);
    return cluster;
  };
  /** Does something between the token and the reset. */
  const beforePerform = (deed: () => void) => {
    suite.driver.atGate = () => {
      deed();
      return true;
    };
  };

  it('empties the cluster, once, and proves it by the new process and a read', async () => {
    const id = await full();
    const { outcome } = await suite.driver.end((await ask(id)).id);
    expect(outcome).toMatchObject({ state: 'succeeded', changed: true });
    expect(outcome?.result).toMatchObject({ unread: ['RDF data'] });
    expect(outcome?.result?.['startTime']).not.toBe(outcome?.result?.['startTimeBefore']);
    expect([resets(id), tokens(id), clusterOf(id).data.now]).toEqual([1, 1, 0]);
  });

  it('the token is found nowhere: not in the store, the log or the event, nor in a fault that quotes it', async () => {
    const [good, bad] = [await full(), await full()];
    const first = await suite.driver.end((await ask(good)).id);
    beforePerform(() => suite.account.outsider.initiateReset(bad));
    const second = await suite.driver.end((await ask(bad)).id);
    expect(second.outcome).toMatchObject({ state: 'failed', changed: false, code: 'InvalidParameterException' });
    expect(second.outcome?.reason).toContain("'[secret]' does not match");
    const secrets = suite.driver
      .requests({ action: 'ExecuteFastReset' })
      .flatMap(({ input }) => (typeof input['token'] === 'string' ? [input['token']] : []));
    expect(new Set(secrets).size).toBeGreaterThanOrEqual(2);
    const { store } = suite.outside;
    const page = await store.page(indexOf.jobs, { order: 'newest', limit: 1_000 });
    const others = await store.read([keyOf.turn(first.resource), keyOf.turn(second.resource)]);
    const written = JSON.stringify([page.records, others, suite.driver.logged, suite.driver.events()]);
    expect(written).toContain(second.id);
    for (const secret of secrets) expect(written).not.toContain(secret);
    expect([resets(good), resets(bad)]).toEqual([1, 0]);
  });

  it('the token is written nowhere between the intent and the answer either', async () => {
    const id = await full();
    const job = await ask(id);
    let written = '';
    suite.driver.atGate = async () => {
      written = JSON.stringify(await suite.driver.job(job.id));
      return true;
    };
    await suite.driver.end(job.id);
    const token = suite.driver.requests({ action: 'ExecuteFastReset', resource: `db-cluster/${id}` }).at(-1)?.input[
      'token'
    ];
    expect(written).toContain('"phase":"settle"');
    expect(token).toEqual(expect.any(String));
    expect(written).not.toContain(String(token));
  });

  it('refuses at the door what the operator has not listed, or what the confirmation does not repeat', async () => {
    const id = await full();
    suite.driver.resettable.delete(`default/${id}`);
    await expect(ask(id)).rejects.toMatchObject({ code: 'cluster-not-resettable' });
    suite.driver.resettable.add(`default/${id}`);
    const wrong = suite.driver.ask('fast-reset', { dbClusterIdentifier: id, confirm: 'another' });
    await expect(wrong).rejects.toMatchObject({ code: 'wrong-confirmation' });
    expect(await suite.outside.store.count(indexOf.due)).toBe(0);
  });

  it('asks for the permission of the operator again before the change', async () => {
    const id = await full();
    const job = await ask(id);
    suite.driver.resettable.delete(`default/${id}`);
    expect((await suite.driver.end(job.id)).outcome).toMatchObject({
      state: 'failed',
      changed: false,
      code: 'cluster-not-resettable',
    });
    expect([resets(id), tokens(id)]).toEqual([0, 0]);
  });

  describe('by a record that somebody else has written', () => {
    const rewrite = async (id: string, change: (job: JobRecord) => object) => {
      const { store } = suite.outside;
      const { job } = await readJob(store, id);
      const value = { ...job!.value, ...change(job!.value) };
      await store.commit([{ op: 'replace', was: job!, value, indexes: job!.indexes }]);
    };
    const elsewhere = async (work: (address: { host: string; port: number }) => Promise<void>): Promise<number> => {
      let asked = 0;
      const server = createServer((_request, response) => {
        asked += 1;
        response.end('{"status":"healthy","role":"writer","startTime":"now","payload":{"token":"mine"},"results":[]}');
      }).listen(0, '127.0.0.1');
      await once(server, 'listening');
      await work({ host: '127.0.0.1', port: (server.address() as AddressInfo).port });
      server.close();
      return asked;
    };

    it.each(['look', 'settle', 'follow'] as const)('in %s sends nothing to the host it names', async (phase) => {
      const id = await full();
      const job = await ask(id);
      if (phase === 'settle')
        beforePerform(() => suite.switches.drop({ when: 'after' }, { action: 'ExecuteFastReset' }));
      if (phase !== 'look') await suite.driver.until(job.id, phase);
      suite.switches.clear();
      const asked = await elsewhere(async (writer) => {
        await rewrite(job.id, (record) => {
          const intent = 'intent' in record ? record.intent : undefined;
          const baseline = { startTimes: {}, unread: [], ...(intent?.baseline as object), writer };
          return { handle: { writer }, intent: { number: 1, at: 0, ...intent, baseline } };
        });
        expect((await suite.driver.end(job.id)).outcome).toMatchObject({ state: 'succeeded' });
      });
      expect([asked, resets(id)]).toEqual([0, 1]);
    });

    it.each<[string, (job: JobRecord, other: string) => object]>([
      ['another cluster’s name', (job, other) => ({ input: { dbClusterIdentifier: other, confirm: other } })],
      ['another resource', (job, other) => ({ resource: `default/db-cluster/${other}` })],
      ['no confirmation', ({ input }) => ({ input: { dbClusterIdentifier: input['dbClusterIdentifier'] ?? null } })],
      ['a field more', ({ input }) => ({ input: { ...input, endpoint: 'evil.example' } })],
      ['another rule for turns', () => ({ takesTurn: false })],
    ])('that has %s nothing is asked of AWS', async (_what, change) => {
      const [id, other] = [await full(), await full()];
      const job = await ask(id);
      await rewrite(job.id, (record) => change(record, other));
      const calls = () => suite.driver.requests({}).filter(({ api }) => api !== 'sqs').length;
      const before = calls();
      const { outcome } = await suite.driver.end(job.id);
      expect(outcome).toMatchObject({ state: 'failed', changed: false, code: 'record-invalid' });
      expect([calls() - before, resets(id), resets(other)]).toEqual([0, 0, 0]);
    });
  });

  it('mistakes 5 and 6: a healthy engine that is the old process is not taken for the end', async () => {
    const id = await full();
    suite.account.durations.resetDelayMs = 120_000;
    const job = await ask(id);
    await suite.driver.until(job.id, 'follow');
    const { createdAt } = job;
    await suite.driver.drive(() => suite.outside.clock.now() > createdAt + 100_000);
    expect(await suite.driver.job(job.id)).toMatchObject({ state: 'running', status: 'not restarted' });
    const { outcome, finishedAt = 0 } = await suite.driver.end(job.id);
    suite.account.durations.resetDelayMs = 300;
    expect(outcome).toMatchObject({ state: 'succeeded', changed: true });
    expect(finishedAt - createdAt).toBeGreaterThan(120_000);
    expect(resets(id)).toBe(1);
  });

  it.each(['drop', 'shutdown'] as const)('a restart that answers by %s is waited for', async (whileRestarting) => {
    const id = await full({ whileRestarting });
    suite.account.durations.resetRestartMs = 90_000;
    const { outcome } = await suite.driver.end((await ask(id)).id);
    suite.account.durations.resetRestartMs = 2_000;
    expect(outcome).toMatchObject({ state: 'succeeded', changed: true });
    expect(resets(id)).toBe(1);
  });

  it('a lost answer is settled by the start time, without another reset or token', async () => {
    const id = await full();
    beforePerform(() => suite.switches.drop({ when: 'after' }, { action: 'ExecuteFastReset', times: 1 }));
    const { outcome } = await suite.driver.end((await ask(id)).id);
    expect(outcome).toMatchObject({ state: 'succeeded', changed: true });
    expect([resets(id), tokens(id)]).toEqual([1, 1]);
  });

  it('a lost request is never made again: the job ends as not confirmed, after a signature has aged', async () => {
    const id = await full();
    beforePerform(() => suite.switches.drop({}, { action: 'ExecuteFastReset', times: 1 }));
    const { outcome, createdAt, finishedAt = 0 } = await suite.driver.end((await ask(id)).id);
    expect(outcome).toMatchObject({ state: 'failed', changed: 'unknown', code: 'reset-not-confirmed' });
    expect(finishedAt - createdAt).toBeGreaterThan(300_000);
    expect([resets(id), tokens(id), clusterOf(id).data.now]).toEqual([0, 1, 7]);
    expect(suite.driver.requests({ action: 'ExecuteFastReset', resource: `db-cluster/${id}` })).toHaveLength(2);
  });

  const passing = new Set(['ConstraintViolationException', 'PreconditionsFailedException', 'TooManyRequestsException']);
  it.each([
    'AccessDeniedException',
    'ClientTimeoutException',
    'ConstraintViolationException',
    'IllegalArgumentException',
    'InvalidArgumentException',
    'InvalidParameterException',
    'MethodNotAllowedException',
    'MissingParameterException',
    'PreconditionsFailedException',
    'ReadOnlyViolationException',
    'ServerShutdownException',
    'TooManyRequestsException',
    'UnsupportedOperationException',
  ])('a reset answered with %s has a defined end, and is never made twice', async (code) => {
    const id = await full();
    let met = false;
    beforePerform(() => {
      if (!met) suite.switches.fault({ code }, { action: 'ExecuteFastReset', times: 1 });
      met = true;
    });
    const { outcome } = await suite.driver.end((await ask(id)).id);
    if (passing.has(code)) {
      expect(outcome).toMatchObject({ state: 'succeeded', changed: true });
      expect(resets(id)).toBe(1);
    } else if (code === 'ClientTimeoutException' || code === 'ServerShutdownException') {
      expect(outcome).toMatchObject({ state: 'failed', changed: 'unknown', code: 'reset-not-confirmed' });
      expect([resets(id), tokens(id)]).toEqual([0, 1]);
    } else {
      const own = code === 'ReadOnlyViolationException' ? 'not-the-writer' : code;
      expect(outcome).toMatchObject({ state: 'failed', changed: false, code: own });
      expect([resets(id), tokens(id)]).toEqual([0, 1]);
    }
  });

  it('an endpoint that leads to a reader is waited out, and nothing is asked of it', async () => {
    const id = await full();
    const cluster = clusterOf(id);
    const own = cluster.port;
    cluster.port = cluster.instances[1]?.port ?? 0;
    const job = await ask(id);
    await suite.driver.visit(job.id);
    expect(await suite.driver.job(job.id)).toMatchObject({ state: 'waiting', status: 'endpoint leads to a reader' });
    expect(tokens(id)).toBe(0);
    cluster.port = own;
    expect((await suite.driver.end(job.id)).outcome).toMatchObject({ state: 'succeeded', changed: true });
  });

  it('another instance that becomes the writer on the way does not hide the end', async () => {
    const id = await full({ failsOverOnReset: true });
    expect((await suite.driver.end((await ask(id)).id)).outcome).toMatchObject({ state: 'succeeded', changed: true });
    expect(clusterOf(id).writer.now).toBe(`${id}-2`);
    expect(resets(id)).toBe(1);
  });

  it('done is only what the writer says: a restarted reader behind the endpoint is not asked for the proof', async () => {
    const id = await full({ failsOverOnReset: true });
    const cluster = clusterOf(id);
    cluster.port = cluster.instances[0]?.port ?? 0;
    const job = await ask(id);
    await suite.driver.until(job.id, 'follow');
    advance(60_000);
    await suite.driver.visit(job.id);
    expect(await suite.driver.job(job.id)).toMatchObject({ state: 'running', status: 'endpoint leads to a reader' });
    suite.account.outsider.failover(id);
    expect((await suite.driver.end(job.id)).outcome).toMatchObject({ state: 'succeeded' });
  });

  it('a failover alone, before the reset, is not taken for the restart of a reset', async () => {
    const id = await full();
    beforePerform(() => suite.account.outsider.failover(id));
    const { outcome } = await suite.driver.end((await ask(id)).id);
    expect(outcome?.state).not.toBe('succeeded');
    expect([resets(id), clusterOf(id).data.now]).toEqual([0, 7]);
  });

  it('a graph that stays full after the restart is a failure of its own', async () => {
    const id = await full();
    const job = await ask(id);
    await suite.driver.until(job.id, 'follow');
    advance(10_000);
    suite.account.outsider.setData(id, 3);
    expect((await suite.driver.end(job.id)).outcome).toMatchObject({
      state: 'failed',
      changed: true,
      code: 'graph-not-empty',
    });
    expect(resets(id)).toBe(1);
  });

  it('a graph that is emptied a little after the restart is a success', async () => {
    const id = await full();
    const job = await ask(id);
    await suite.driver.until(job.id, 'follow');
    advance(10_000);
    suite.account.outsider.setData(id, 3);
    await suite.driver.visit(job.id);
    expect(await suite.driver.job(job.id)).toMatchObject({ status: 'restarted, not empty', state: 'running' });
    suite.account.outsider.setData(id, 0);
    expect((await suite.driver.end(job.id)).outcome).toMatchObject({ state: 'succeeded' });
  });

  it.each([
    ['AccessDeniedException', 403],
    // As an engine answers whose openCypher is off, or that is too old for it.
    ['UnsupportedOperationException', 501],
    ['NotImplemented', 501],
  ])('what can not be read is stated as unread, and never called empty: %s, %i', async (code, status) => {
    const id = await full();
    const refused = suite.switches.fault({ code, status }, { action: 'ExecuteOpenCypherQuery' });
    const { outcome } = await suite.driver.end((await ask(id)).id);
    expect(outcome).toMatchObject({ state: 'succeeded', changed: true });
    expect(outcome?.result?.['unread']).toEqual(['RDF data', `property graph (${code})`]);
    expect(refused.met).toBe(1);
  });

  it.each(['modifying', 'starting', 'pondering'])(
    'waits while the cluster is %s, without asking for a token',
    async (status) => {
      const id = await full();
      suite.account.outsider.setClusterStatus(id, status, { forMs: 100_000 });
      const job = await ask(id);
      await suite.driver.visit(job.id);
      expect([await suite.driver.job(job.id), tokens(id)]).toMatchObject([{ state: 'waiting', status }, 0]);
      expect((await suite.driver.end(job.id)).outcome).toMatchObject({ state: 'succeeded', changed: true });
    },
  );

  it('a stopped cluster, another engine and a missing cluster fail at once', async () => {
    const [stopped, other] = [await suite.cluster({ status: 'stopped' }), await suite.cluster({ engine: 'docdb' })];
    suite.driver.resettable.add('default/nobody');
    const jobs = [await ask(stopped), await ask(other), await ask('nobody')];
    await suite.driver.drive();
    const codes = await Promise.all(jobs.map(async ({ id }) => (await suite.driver.job(id)).outcome?.code));
    expect(codes).toEqual(['cluster-stopped', 'not-a-neptune-cluster', 'cluster-not-found']);
  });

  it('goes by the endpoint that AWS names, and by no other host on plain http', async () => {
    const id = await full();
    const job = await ask(id);
    await suite.driver.end(job.id);
    const asked = suite.driver.requests({ api: 'neptunedata', resource: `db-cluster/${id}` });
    expect(asked.length).toBeGreaterThan(2);
    expect(() => new Driver(suite.outside).aws.data({ host: 'db.example.com', port: 8182 })).toThrow(/loopback/);
  });
});
