/**
 * What can never be handled, put aside with the reason: one message an event, in a stream of its own.
 *
 * The stream is bounded and lets go of its oldest, so that a flood of dead letters stops nothing else.
 */
import { headers } from '@nats-io/transport-node';
import { DEAD_STREAM, type NatsChannel, subjectOfDead } from './channel.ts';
import type { NatsConnection } from './connection.ts';
import { publishTo } from './publish.ts';
import type { Streams } from './streams.ts';

const REASON_CHARACTERS = 500;

export type DeadLetter = {
  /** The same letter put aside again within the duplicate window is kept once. */
  readonly id: string;
  readonly reason: unknown;
  readonly data: Uint8Array | string;
};

export type DeadLetters = {
  put(letters: readonly DeadLetter[]): Promise<void>;
  count(): Promise<number>;
};

export type DeadLetterParts = {
  readonly connection: NatsConnection;
  readonly streams: Streams;
  readonly channel: NatsChannel<never>;
};

export function createDeadLetters({ connection, streams, channel }: DeadLetterParts): DeadLetters {
  const subject = subjectOfDead(channel);

  async function put(letters: readonly DeadLetter[]): Promise<void> {
    if (letters.length === 0) return;
    const line = connection.line();
    await streams.ready(line);
    for (const { id, reason, data } of letters) {
      const head = headers();
      head.set('Gavel-Reason', sentenceOf(reason));
      await publishTo(line, {
        stream: DEAD_STREAM,
        subject,
        id: `${channel.stream}:${id}`,
        data,
        head,
      });
    }
  }

  async function count(): Promise<number> {
    const manager = await streams.ready(connection.line());
    const { state } = await manager.streams.info(DEAD_STREAM, { subjects_filter: subject });
    return state.subjects?.[subject] ?? 0;
  }

  return { put, count };
}

/** A header is one line. */
function sentenceOf(reason: unknown): string {
  const cause = reason instanceof Error && reason.cause !== undefined ? `: ${reason.cause}` : '';
  return `${reason}${cause}`.replaceAll(/\s+/g, ' ').slice(0, REASON_CHARACTERS);
}
