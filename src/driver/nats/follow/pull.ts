/**
 * Messages of a durable name, asked for when the last ones are taken.
 *
 * What is held is not given to another while it is worked on: the server is told again and again. When
 * the line breaks, or the server does not answer a request, the pull is over; what it holds may still
 * be passed.
 */
import { createInbox, type Msg, nanos } from '@nats-io/transport-node';
import { NatsDownError, type NatsLine } from '../line/connection.ts';
import { MESSAGES_HELD } from '../stream/setting.ts';

const REQUEST_MS = 5_000;
/** Beyond the end of a request: without a word until then the server has forgotten it. */
const GRACE_MS = 2_000;
const WISH = JSON.stringify({ batch: MESSAGES_HELD, expires: nanos(REQUEST_MS) });
const ACK = '+ACK';
const NOT_NOW = '-NAK';
const WORKING = '+WPI';

export type Pull = {
  /** Waits for messages, in the order of the stream; none when the pull is over. */
  take(): Promise<readonly Msg[]>;
  pass(messages: readonly Msg[]): void;
  /** Asks for no more: what is on its way comes still, unless it is overdue. */
  end(overdue: Promise<void>): Promise<void>;
  /** Gives back what was not passed, and says why the pull is over, when something went wrong. */
  close(): Error | null;
};

export type PullParts = {
  readonly line: NatsLine;
  readonly stream: string;
  readonly durableName: string;
  readonly ackWaitMs: number;
};

export function startPull({ line, stream, durableName, ackWaitMs }: PullParts): Pull {
  const { client } = line;
  const next = `$JS.API.CONSUMER.MSG.NEXT.${stream}.${durableName}`;
  const inbox = createInbox();
  const held = new Set<Msg>();
  let waiting: Msg[] = [];
  let owed = 0;
  let isOver = false;
  let failure: Error | null = null;
  let wake = () => {};
  let silence: ReturnType<typeof setTimeout> | undefined;

  const subscription = client.subscribe(inbox, {
    callback: (error, message) => {
      if (error !== null) return over(error);
      const code = message.headers?.code ?? 0;
      if (code === 0) receive(message);
      else if (code >= 400) refused(code, message);
      if (owed <= 0) clearTimeout(silence);
      wake();
    },
  });
  const working = setInterval(() => {
    for (const message of held) message.respond(WORKING);
  }, ackWaitMs / 3);

  function receive(message: Msg): void {
    owed -= 1;
    held.add(message);
    waiting.push(message);
  }

  /** 404 and 408 end a request that nothing came for; all else ends the pull. */
  function refused(code: number, { headers }: Msg): void {
    owed = 0;
    if (code === 404 || code === 408) return;
    over(new Error(`the pull was refused: ${code} ${headers?.description ?? ''}`));
  }

  function over(why: Error | null): void {
    if (!isOver) failure = why;
    isOver = true;
    wake();
  }

  function request(): void {
    owed = MESSAGES_HELD;
    client.publish(next, WISH, { reply: inbox });
    clearTimeout(silence);
    silence = setTimeout(() => over(new NatsDownError('no answer')), REQUEST_MS + GRACE_MS);
  }

  async function take(): Promise<readonly Msg[]> {
    while (waiting.length === 0 && !isOver) {
      const woken = new Promise<void>((resolve) => {
        wake = resolve;
      });
      if (owed <= 0) request();
      await woken;
    }
    const taken = waiting;
    waiting = [];
    return taken;
  }

  void line.broken.then(() => over(null));
  return {
    take,
    pass(messages) {
      for (const message of messages) {
        message.respond(ACK);
        held.delete(message);
      }
    },
    async end(overdue) {
      await Promise.race([subscription.drain(), line.broken, overdue]);
      over(null);
    },
    close() {
      clearInterval(working);
      clearTimeout(silence);
      for (const message of held) message.respond(NOT_NOW);
      subscription.unsubscribe();
      return failure;
    },
  };
}

/**
 * Names one message for ever, by its sequence and the time when it was stored (ADR-1 of NATS, and
 * ADR-15): a stream that is made anew counts from one again, but at another time.
 */
export function markOf({ reply = '' }: Pick<Msg, 'reply'>): string {
  const tokens = reply.split('.');
  const first = tokens.length === 9 ? 5 : 7;
  return `${tokens[first]}@${tokens[first + 2]}`;
}
