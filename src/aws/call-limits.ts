// Bounds the whole time of an AWS call: credentials, signing, sending and body. A signal given to the SDK covers only
// the sending. A changing call whose time is up before its gate is never sent.
import type { Gate } from '../operation.ts';
import { limitRequest } from './bounded-handler.ts';
import { CallTimeout } from './faults.ts';

/** For a read, and for a changing call up to its gate; milliseconds. */
export const readTimeout = 10_000;
/** For a changing call from the opened gate to its answer; milliseconds. */
const changeTimeout = 20_000;

interface Call {
  readonly signal: AbortSignal;
  /** The error that ended the call; `undefined` while it runs. */
  readonly over: CallTimeout | undefined;
  /** The gate is open: the time starts again, and from now on AWS may have got the call. */
  leave(): void;
}

/** By the context that the SDK makes for each call and passes to all middleware. */
const calls = new WeakMap<object, Call>();
const gatedCalls = new WeakSet<object>();

interface Stacked {
  readonly middlewareStack: {
    add(middleware: never, options: { step: 'deserialize'; priority: 'low'; name: string }): void;
    add(middleware: never, options: { step: 'initialize'; priority: 'high'; name: string }): void;
  };
}

interface Request {
  readonly request: object;
}
type Next = (request: Request) => Promise<unknown>;

/** Bounds every call of a client. A call whose time is up rejects with a `CallTimeout`. */
export function limitingCalls<Client extends Stacked>(client: Client): Client {
  const limit = (next: Next, context: { readonly commandName?: string }) => async (request: Request) => {
    const began = performance.now();
    const controller = new AbortController();
    let over: CallTimeout | undefined;
    let mayHaveLeft = !gatedCalls.has(context);
    let giveUp: (reason: CallTimeout) => void = () => undefined;
    const late = new Promise<never>((_resolve, reject) => (giveUp = reject));
    const end = () => {
      const action = (context.commandName ?? '').replace(/Command$/, '');
      over ??= new CallTimeout(action, performance.now() - began, mayHaveLeft);
      giveUp(over);
      controller.abort();
      return over;
    };
    let timer = setTimeout(end, readTimeout);
    calls.set(context, {
      signal: controller.signal,
      get over() {
        return over;
      },
      leave() {
        mayHaveLeft = true;
        clearTimeout(timer);
        timer = setTimeout(end, changeTimeout);
      },
    });
    try {
      return await Promise.race([next(request), late]);
    } catch (error) {
      // The caller's signal broke it off.
      if ((error as Error).name === 'AbortError') throw end();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  };
  const pass = (next: Next, context: object) => (request: Request) => {
    const call = calls.get(context);
    if (call) limitRequest(request.request, call.signal);
    return next(request);
  };
  client.middlewareStack.add(limit as never, { step: 'initialize', priority: 'high', name: 'limitCalls' });
  client.middlewareStack.add(pass as never, { step: 'deserialize', priority: 'low', name: 'limitRequests' });
  return client;
}

/**
 * Makes a changing command wait for the gate after it is signed, right before it is sent. A process that was frozen
 * then sends nothing that another worker has decided about since.
 */
export function gated<Command extends Stacked>(command: Command, gate: Gate): Command {
  const passGate = (next: Next, context: object) => {
    gatedCalls.add(context);
    return async (request: Request) => {
      await gate();
      const call = calls.get(context);
      // The caller was told that nothing was sent.
      if (call?.over) throw call.over;
      call?.leave();
      return next(request);
    };
  };
  command.middlewareStack.add(passGate as never, { step: 'deserialize', priority: 'low', name: 'gate' });
  return command;
}

/** The options of every `send` that changes nothing. */
export function reading(): { abortSignal: AbortSignal } {
  return { abortSignal: AbortSignal.timeout(readTimeout) };
}

/** The options of every `send` that changes something. */
export function changing(): { abortSignal: AbortSignal } {
  return { abortSignal: AbortSignal.timeout(readTimeout + changeTimeout) };
}
