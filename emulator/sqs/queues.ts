// Queues of the simulated account: visibility, order within groups, deduplication. Only a long poll ever waits.
import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Clock } from '../clock.ts';
import { type Attributes, type Draft, invalidValue, md5, missingParameter } from './messages.ts';
import { refusal } from '../refusal.ts';

export interface Message {
  readonly id: string;
  readonly body: string;
  readonly bodyMd5: string;
  readonly attributes: Attributes;
  readonly systemAttributes: Attributes;
  readonly groupId: string | undefined;
  readonly deduplicationId: string | undefined;
  readonly sequenceNumber: string | undefined;
  readonly sentAt: number;
  visibleAt: number;
  receives: number;
  firstReceivedAt: number | undefined;
}

/** The answer to a sender. `isRepeat`: the queue has had the message already, and nothing was added. */
type Sent = Pick<Message, 'id' | 'sequenceNumber'> & { isRepeat: boolean };

/** A queue's settings, by AWS's attribute names; durations in seconds. */
export interface QueueSettings {
  VisibilityTimeout: number;
  DelaySeconds: number;
  ReceiveMessageWaitTimeSeconds: number;
  MessageRetentionPeriod: number;
  ContentBasedDeduplication: boolean;
}

const DEDUPLICATION_MS = 5 * 60 * 1000;
const LOOK_AGAIN_MS = 100;

export class Queue {
  readonly name: string;
  readonly isFifo: boolean;
  readonly settings: QueueSettings;
  readonly createdAt: number;
  readonly #clock: Clock;
  readonly #messages = new Map<string, Message>();
  readonly #sent = new Map<string, Message>();
  readonly #waiting = new Set<() => void>();
  #sequence = 0;

  constructor(clock: Clock, name: string, settings: Partial<QueueSettings>) {
    this.#clock = clock;
    this.name = name;
    this.isFifo = name.endsWith('.fifo');
    this.createdAt = clock.now();
    this.settings = {
      VisibilityTimeout: 30,
      DelaySeconds: 0,
      ReceiveMessageWaitTimeSeconds: 0,
      MessageRetentionPeriod: 345_600,
      ContentBasedDeduplication: false,
      ...settings,
    };
  }

  /** Adds a validated message. A FIFO queue recognises a repeated one within five minutes. */
  send(draft: Draft): Sent {
    const now = this.#clock.now();
    const deduplicationId = this.isFifo ? this.#deduplicationIdOf(draft) : undefined;
    const known = deduplicationId === undefined ? undefined : this.#sent.get(deduplicationId);
    if (known && now - known.sentAt < DEDUPLICATION_MS) return { ...pickSent(known), isRepeat: true };

    const body = draft.MessageBody ?? '';
    this.#sequence += 1;
    const message: Message = {
      id: randomUUID(),
      body,
      bodyMd5: md5(body),
      attributes: draft.MessageAttributes ?? {},
      systemAttributes: draft.MessageSystemAttributes ?? {},
      groupId: draft.MessageGroupId,
      deduplicationId,
      sequenceNumber: this.isFifo ? String(18_000_000_000_000_000_000n + BigInt(this.#sequence)) : undefined,
      sentAt: now,
      visibleAt: now + (draft.DelaySeconds ?? this.settings.DelaySeconds) * 1000,
      receives: 0,
      firstReceivedAt: undefined,
    };
    this.#messages.set(message.id, message);
    if (deduplicationId !== undefined) {
      this.#sent.delete(deduplicationId);
      this.#sent.set(deduplicationId, message);
      this.#forgetOldDuplicates(now);
    }
    for (const wake of this.#waiting) wake();
    return { ...pickSent(message), isRepeat: false };
  }

  /** Up to `max` messages. Waits up to `waitMs` of real time for the first; returns none to a caller that has gone. */
  async receive(given: {
    max: number;
    visibilityMs: number;
    waitMs: number;
    isGone: () => boolean;
  }): Promise<Message[]> {
    const deadline = Date.now() + given.waitMs;
    for (;;) {
      if (given.isGone()) return [];
      const taken = this.#take(given.max, given.visibilityMs);
      const leftMs = deadline - Date.now();
      if (taken.length > 0 || leftMs <= 0) return taken;
      // Checked repeatedly, because a hidden message may come back and the clock may be advanced.
      const look = new AbortController();
      const wake = () => look.abort();
      this.#waiting.add(wake);
      await pause(Math.min(leftMs, LOOK_AGAIN_MS), undefined, { signal: look.signal }).catch(() => undefined);
      this.#waiting.delete(wake);
    }
  }

  /** Deletes by receipt handle. A handle of an earlier receipt works too, as it may on a standard queue. */
  delete(handle: string): void {
    this.#messages.delete(messageIdIn(handle, this.name));
  }

  changeVisibility(handle: string, visibilityMs: number): void {
    const message = this.#messages.get(messageIdIn(handle, this.name));
    const now = this.#clock.now();
    if (message === undefined || message.receives === 0 || message.visibleAt <= now) {
      throw refusal('sqs', 'MessageNotInflight', 'The message referred to is not in flight.');
    }
    message.visibleAt = now + visibilityMs;
  }

  purge(): void {
    this.#messages.clear();
  }

  /** The numbers of messages that can be received, are in flight, or are delayed. */
  count(): { visible: number; inFlight: number; delayed: number } {
    const now = this.#clock.now();
    const counts = { visible: 0, inFlight: 0, delayed: 0 };
    for (const { visibleAt, receives } of this.#messages.values()) {
      counts[visibleAt <= now ? 'visible' : receives > 0 ? 'inFlight' : 'delayed'] += 1;
    }
    return counts;
  }

  /** The handle of a message's latest receipt. */
  handleOf(message: Message): string {
    return Buffer.from(`${this.name} ${message.id} ${message.receives}`).toString('base64');
  }

  #take(max: number, visibilityMs: number): Message[] {
    const now = this.#clock.now();
    const taken: Message[] = [];
    const blockedGroups = new Set<string>();
    for (const message of this.#messages.values()) {
      if (taken.length >= max) break;
      const { groupId = '' } = message;
      if (now - message.sentAt > this.settings.MessageRetentionPeriod * 1000) this.#messages.delete(message.id);
      else if (message.visibleAt > now) blockedGroups.add(groupId);
      else if (!this.isFifo || !blockedGroups.has(groupId)) taken.push(message);
    }
    for (const message of taken) {
      message.visibleAt = now + visibilityMs;
      message.receives += 1;
      message.firstReceivedAt ??= now;
    }
    return taken;
  }

  #deduplicationIdOf({ MessageGroupId, MessageDeduplicationId, MessageBody = '' }: Draft): string {
    if (MessageGroupId === undefined) throw missingParameter('MessageGroupId');
    if (MessageDeduplicationId !== undefined) return MessageDeduplicationId;
    if (this.settings.ContentBasedDeduplication) return createHash('sha256').update(MessageBody).digest('hex');
    throw invalidValue(
      'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
    );
  }

  #forgetOldDuplicates(now: number): void {
    for (const [id, { sentAt }] of this.#sent) {
      if (now - sentAt < DEDUPLICATION_MS) return;
      this.#sent.delete(id);
    }
  }
}

function pickSent({ id, sequenceNumber }: Message): Omit<Sent, 'isRepeat'> {
  return { id, sequenceNumber };
}

function messageIdIn(handle: string, queue: string): string {
  const [name, id, receipt] = Buffer.from(handle, 'base64').toString('utf8').split(' ');
  if (name === queue && id && receipt) return id;
  throw refusal('sqs', 'ReceiptHandleIsInvalid', `The input receipt handle "${handle}" is not a valid receipt handle.`);
}
