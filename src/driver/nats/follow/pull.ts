/**
 * Messages of a durable name, requested when the last ones are taken.
 *
 * The server gives held messages to no other subscriber meanwhile (`held-messages.ts`). When the
 * line breaks, or the server does not answer a request, the pull is over; held messages may still
 * be acked.
 */
import { createInbox, type Msg, type MsgHdrs, nanos } from '@nats-io/transport-node';
import { assert } from '../../../core/assert.ts';
import type { Timers } from '../../../core/timer.ts';
import { NatsDownError, type NatsLine } from '../line/line.ts';
import { MESSAGES_HELD } from '../stream/setting.ts';
import { holdMessages } from './held-messages.ts';

const REQUEST_MS = 5_000;
/** Time after the end of a request: a server that is silent until then has forgotten it. */
const GRACE_MS = 2_000;
const WISH = JSON.stringify({ batch: MESSAGES_HELD, expires: nanos(REQUEST_MS) });

export type Pull = {
  /** Waits for messages, in the order of the stream; none when the pull is over. */
  take(): Promise<readonly Msg[]>;
  pass(messages: readonly Msg[]): void;
  /** Makes no more requests: messages on their way still arrive, unless they are overdue. */
  end(overdue: Promise<void>): Promise<void>;
  /** Gives back unacked messages. @returns the error that ended the pull, if there was one. */
  close(): Error | null;
};

export type PullParts = {
  readonly line: NatsLine;
  readonly timers: Timers;
  readonly stream: string;
  readonly durableName: string;
  readonly ackWaitMs: number;
};

export function startPull(parts: PullParts): Pull {
  const { line, timers, ackWaitMs } = parts;
  const held = holdMessages(timers, ackWaitMs);
  const incoming = createIncoming((message) => held.hold(message));
  const requests = createRequests(parts, incoming);

  async function take(): Promise<readonly Msg[]> {
    while (incoming.isEmpty() && !incoming.isOver()) {
      const next = incoming.next();
      if (incoming.owed() <= 0) requests.send();
      await next;
    }
    return incoming.takeAll();
  }

  void line.broken.then(() => incoming.over(null));
  return {
    take,
    pass: held.pass,
    async end(overdue) {
      await Promise.race([requests.drain(), line.broken, overdue]);
      incoming.over(null);
    },
    close() {
      requests.stop();
      held.giveBack();
      return incoming.failure();
    },
  };
}

/** The messages that have arrived and were not taken, and those still owed for the last request. */
type Incoming = {
  receive(message: Msg): void;
  over(why: Error | null): void;
  expect(messages: number): void;
  owed(): number;
  isEmpty(): boolean;
  isOver(): boolean;
  failure(): Error | null;
  /** Resolves when something has changed. */
  next(): Promise<void>;
  takeAll(): readonly Msg[];
};

function createIncoming(onMessage: (message: Msg) => void): Incoming {
  let waiting: Msg[] = [];
  let owed = 0;
  let end: { readonly why: Error | null } | undefined;
  let wake = () => {};

  /** 404 and 408 end a request that got no message; all other codes end the pull. */
  function refused({ code, description }: MsgHdrs): void {
    owed = 0;
    if (code === 404 || code === 408) return;
    end ??= { why: new Error(`the pull was refused: ${code} ${description}`) };
  }

  return {
    receive(message) {
      const { headers } = message;
      // A message of the stream has no status; 100 is a heartbeat of the server.
      if (headers === undefined || headers.code === 0) {
        owed -= 1;
        onMessage(message);
        waiting.push(message);
      } else if (headers.code >= 400) refused(headers);
      wake();
    },
    over(why) {
      end ??= { why };
      wake();
    },
    expect(messages) {
      owed = messages;
    },
    owed: () => owed,
    isEmpty: () => waiting.length === 0,
    isOver: () => end !== undefined,
    failure: () => end?.why ?? null,
    next: () =>
      new Promise((resolve) => {
        wake = resolve;
      }),
    takeAll() {
      const taken = waiting;
      waiting = [];
      return taken;
    },
  };
}

type Requests = {
  send(): void;
  /** Resolves when the messages on their way have arrived. */
  drain(): Promise<void>;
  stop(): void;
};

function createRequests(
  { line: { client }, timers, stream, durableName }: PullParts,
  incoming: Incoming,
): Requests {
  const inbox = createInbox();
  let callOffSilence = () => {};
  const subscription = client.subscribe(inbox, {
    callback: (error, message) => {
      if (error !== null) return incoming.over(error);
      incoming.receive(message);
      if (incoming.owed() <= 0) callOffSilence();
    },
  });
  return {
    send() {
      incoming.expect(MESSAGES_HELD);
      client.publish(`$JS.API.CONSUMER.MSG.NEXT.${stream}.${durableName}`, WISH, { reply: inbox });
      callOffSilence();
      const silent = () => incoming.over(new NatsDownError('no answer'));
      callOffSilence = timers.after(REQUEST_MS + GRACE_MS, silent);
    },
    drain: () => subscription.drain(),
    stop() {
      callOffSilence();
      subscription.unsubscribe();
    },
  };
}

/**
 * A permanent name of a message: its sequence and the time when it was stored (ADR-1 and ADR-15 of
 * NATS). A recreated stream counts from one again, but at another time.
 */
export function markOf({ reply }: Pick<Msg, 'reply'>): string {
  const tokens = reply?.split('.') ?? [];
  const first = tokens.length === 9 ? 5 : 7;
  const sequence = tokens[first];
  const storedAt = tokens[first + 2];
  assert(storedAt !== undefined, `${reply} is the ack subject of a message`);
  return `${sequence}@${storedAt}`;
}
