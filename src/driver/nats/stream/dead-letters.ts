/**
 * Events that can never be handled, set aside with the reason: one message per event, in its own
 * stream.
 *
 * The stream is bounded and drops its oldest letters, so that a flood of them stops nothing else.
 * The server never refuses a letter for its data, id or reason: a refused letter would hold up the
 * events after it for ever. While the stream cannot be written, `put` rejects and its caller
 * retries: no letter is lost. A deleted stream is recreated.
 */
import type { JetStreamManager } from '@nats-io/jetstream';
import { headers, type MsgHdrs } from '@nats-io/transport-node';
import type { NatsConnection } from '../line/connection.ts';
import { maxPayloadOf, type NatsLine } from '../line/line.ts';
import { DEAD_STREAM, type NatsChannel, subjectOfDead } from './channel.ts';
import { HEADER_BYTES } from './message.ts';
import { publishTo } from './publish.ts';
import type { Streams } from './streams.ts';

const REASON_CHARACTERS = 500;

const encoder = new TextEncoder();

export type DeadLetter = {
  /** A letter that is put again within the duplicate window is kept once. */
  readonly id: string;
  readonly reason: unknown;
  /** Cut to fit a message; the header `Gavel-Whole-Bytes` holds the full length. */
  readonly data: Uint8Array | string;
};

export type DeadLetters = {
  put(letter: DeadLetter): Promise<void>;
  count(): Promise<number>;
};

export type DeadLetterParts = {
  readonly connection: NatsConnection;
  readonly streams: Streams;
  readonly channel: NatsChannel<never>;
};

export function createDeadLetters({ connection, streams, channel }: DeadLetterParts): DeadLetters {
  const subject = subjectOfDead(channel);

  /** After a failure the streams are checked again: the stream may have been deleted. */
  async function withStreams<Answer>(
    ask: (line: NatsLine, manager: JetStreamManager) => Promise<Answer>,
  ): Promise<Answer> {
    const line = connection.line();
    const manager = await streams.ready(line);
    try {
      return await ask(line, manager);
    } catch (error) {
      streams.doubt(line);
      throw error;
    }
  }

  const put = ({ id, reason, data }: DeadLetter) =>
    withStreams((line) => {
      const whole = typeof data === 'string' ? encoder.encode(data) : data;
      const kept = whole.subarray(0, Math.max(0, maxPayloadOf(line) - HEADER_BYTES));
      return publishTo(line, {
        stream: DEAD_STREAM,
        subject,
        id: digestOf(`${channel.stream}:${id}`),
        data: kept,
        head: headOf(reason, { isCut: kept.length < whole.length, wholeBytes: whole.length }),
      });
    });

  const count = () =>
    withStreams(async (_line, manager) => {
      const { state } = await manager.streams.info(DEAD_STREAM, { subjects_filter: subject });
      return state.subjects?.[subject] ?? 0;
    });

  return { put, count };
}

function headOf(
  reason: unknown,
  { isCut, wholeBytes }: { isCut: boolean; wholeBytes: number },
): MsgHdrs {
  const head = headers();
  head.set('Gavel-Reason', sentenceOf(reason));
  if (isCut) head.set('Gavel-Whole-Bytes', `${wholeBytes}`);
  return head;
}

/** An id may have any length, and characters that a header cannot hold. */
function digestOf(id: string): string {
  return new Bun.CryptoHasher('sha256').update(id).digest('hex');
}

/** A header is one line. */
function sentenceOf(reason: unknown): string {
  const cause = reason instanceof Error && reason.cause !== undefined ? `: ${reason.cause}` : '';
  return `${reason}${cause}`.replaceAll(/\s+/g, ' ').slice(0, REASON_CHARACTERS);
}
