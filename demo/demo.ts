// Shows the service at work on a bare machine: every operation through the door, what happens as it happens, and the
// completion events from the queue. Ends with 0 only if everything went as it should.
import { setTimeout as pause } from 'node:timers/promises';
import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { JobJson } from '../src/records/job-json.ts';
import { startBareMachine } from './bare-machine.ts';
import { showJobs } from './demo-display.ts';
import { type Scene, scenes } from './scenes.ts';

/**
 * Time limit for the jobs and their events, once everything is up; milliseconds. A quiet machine needs a tenth of it.
 */
const patience = 60_000;
const began = Date.now();

const exitCode = await demo().catch((error: unknown) => {
  console.error(`The demo broke off: ${(error as Error).message}`);
  return 1;
});
process.exit(exitCode);

async function demo(): Promise<number> {
  console.log('neptune-ops: the service, an embedded store, and an emulator of Neptune and SQS.');
  const machine = await startBareMachine({ port: 0, logLevel: 'error' });
  try {
    console.log(`Ready after ${seconds()} s. Every operation, over HTTP at ${machine.url}:\n`);
    const giveUp = Date.now() + patience;
    const jobs = [];
    for (const scene of scenes) jobs.push({ title: scene.title, job: await enqueue(machine.url, scene) });
    const screen = showJobs(jobs.map(({ title, job }) => ({ title, id: job.id, operation: job.operation })));
    const events = receiveEvents(machine.eventsQueueUrl, machine.emulator.endpoints.sqs, jobs.length, giveUp);
    const ended = await followAll(
      machine.url,
      jobs.map(({ job }) => job.id),
      screen.show,
      giveUp,
    );
    screen.end();
    const received = await events;
    printEvents(received);
    return verdict(ended, received);
  } finally {
    await machine.close();
  }
}

async function enqueue(url: string, { operation, input, query = '' }: Scene): Promise<JobJson> {
  const answer = await fetch(`${url}/v1/operations/${operation}${query}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(input),
  });
  const body = (await answer.json()) as JobJson & { detail?: string };
  if (answer.status !== 202) throw new Error(`${operation} was refused: ${body.detail}`);
  return body;
}

async function followAll(
  url: string,
  ids: readonly string[],
  show: (job: JobJson) => void,
  giveUp: number,
): Promise<JobJson[]> {
  for (;;) {
    const jobs = await Promise.all(
      ids.map(async (id) => (await (await fetch(`${url}/v1/jobs/${id}`)).json()) as JobJson),
    );
    for (const job of jobs) show(job);
    if (jobs.every((job) => job.event === 'sent') || Date.now() > giveUp) return jobs;
    await pause(100);
  }
}

interface ReceivedEvent {
  readonly type: string;
  readonly subject: string;
  readonly data: JobJson;
}

/** Receives events from the queue as any subscriber would. */
async function receiveEvents(
  QueueUrl: string,
  endpoint: string,
  expected: number,
  giveUp: number,
): Promise<ReceivedEvent[]> {
  const client = new SQSClient({ endpoint, maxAttempts: 1 });
  const events = new Map<string, ReceivedEvent>();
  while (events.size < expected && Date.now() < giveUp) {
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 }),
    );
    for (const { Body = '', ReceiptHandle } of Messages) {
      const event = JSON.parse(Body) as ReceivedEvent;
      events.set(event.data.id, event);
      await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    }
  }
  client.destroy();
  return [...events.values()];
}

function printEvents(events: readonly ReceivedEvent[]): void {
  console.log('\nThe completion events, as received from the queue:\n');
  console.log(row('OPERATION', 'RESOURCE', 'ENDED', 'CHANGED', 'TOOK'));
  for (const { subject, data } of events) {
    const took = (Date.parse(data.finishedAt ?? '') - Date.parse(data.createdAt)) / 1_000;
    console.log(
      row(
        data.operation,
        subject.replace(/^default\//, ''),
        data.state,
        String(data.outcome?.changed),
        `${took.toFixed(1)} s`,
      ),
    );
  }
}

function row(operation: string, resource: string, state: string, changed: string, took: string): string {
  return `${operation.padEnd(27)}${resource.padEnd(25)}${state.padEnd(11)}${changed.padEnd(9)}${took.padStart(7)}`;
}

function verdict(jobs: readonly JobJson[], events: readonly ReceivedEvent[]): number {
  const wrong = scenes.flatMap((scene, index) => {
    const job = jobs[index];
    if (job?.state === scene.ends) return [];
    return [
      `“${scene.title}” should have ${scene.ends}, but is ${job?.state}: ${job?.outcome?.reason ?? job?.status ?? ''}`,
    ];
  });
  if (events.length !== scenes.length) wrong.push(`${scenes.length} events were expected, ${events.length} came.`);
  if (wrong.length === 0) {
    console.log(
      `\nAll ${scenes.length} jobs ended as they should, in ${seconds()} s.\nPlay with it yourself: npm run local`,
    );
    return 0;
  }
  console.error(`\nNot as it should be:\n${wrong.map((line) => `  ${line}`).join('\n')}`);
  return 1;
}

function seconds(): string {
  return ((Date.now() - began) / 1_000).toFixed(1);
}
