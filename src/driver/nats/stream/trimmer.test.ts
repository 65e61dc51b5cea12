import { expect, test } from 'bun:test';
import { JetStreamApiError } from '@nats-io/jetstream';
import { createManualTime } from '../../../../test/support/manual-timers.ts';
import type { NatsConnection } from '../line/connection.ts';
import { BID_CHANNEL } from './channel.ts';
import type { Streams } from './streams.ts';
import { createTrimmer } from './trimmer.ts';

const GONE = 10057;
const CHANNEL = { ...BID_CHANNEL, durables: ['archive'] };

type Stage = {
  readonly floors: Readonly<Record<string, number>>;
  readonly firstSequence?: number;
  /** The API codes with which the server refuses to delete each of these. */
  readonly refused?: Readonly<Record<number, number>>;
};

function openTrimmer({ floors, firstSequence = 1, refused = {} }: Stage) {
  const time = createManualTime();
  const deleted: number[] = [];
  const errors: unknown[] = [];
  const gate: { opened: Promise<void> } = { opened: Promise.resolve() };
  let looks = 0;
  const manager = {
    consumers: {
      async *list() {
        looks += 1;
        await gate.opened;
        for (const [durable_name, stream_seq] of Object.entries(floors)) {
          yield { config: { durable_name }, ack_floor: { stream_seq } };
        }
      },
    },
    streams: {
      info: async () => ({ state: { first_seq: firstSequence } }),
      async deleteMessage(_stream: string, sequence: number) {
        const code = refused[sequence];
        if (code !== undefined) {
          throw new JetStreamApiError({ code: 400, err_code: code, description: 'refused' });
        }
        deleted.push(sequence);
      },
    },
  };
  const connection = { ...time, isUp: () => true, line: () => ({}) };
  const trimmer = createTrimmer({
    connection: connection as unknown as NatsConnection,
    streams: { ready: async () => manager } as unknown as Streams,
    channel: CHANNEL,
    onError: (error) => errors.push(error),
  });
  trimmer.start();
  /** One complete look. */
  async function look(): Promise<void> {
    time.advance(1_000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return { trimmer, look, gate, deleted, errors, looks: () => looks };
}

const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

test('messages are deleted up to the slowest durable name, and no further', async () => {
  const { look, deleted } = openTrimmer({ floors: { archive: 70, abandoned: 65 } });
  await look();
  expect(deleted).toEqual(upTo(65));
});

test('nothing is deleted while a durable name of the channel is missing', async () => {
  const { look, deleted } = openTrimmer({ floors: { other: 70 } });
  await look();
  expect(deleted).toEqual([]);
});

test('one look deletes ten thousand messages and leaves the rest to the next', async () => {
  const { look, deleted } = openTrimmer({ floors: { archive: 50_000 }, firstSequence: 101 });
  await look();
  expect([deleted.length, deleted[0], deleted.at(-1)]).toEqual([10_000, 101, 10_100]);
});

test('a message that another process deleted first is no error, any other refusal is', async () => {
  const quicker = openTrimmer({ floors: { archive: 3 }, refused: { 2: GONE } });
  await quicker.look();
  expect(quicker.deleted).toEqual([1, 3]);
  expect(quicker.errors).toEqual([]);
  const refusing = openTrimmer({ floors: { archive: 3 }, refused: { 2: GONE + 1 } });
  await refusing.look();
  expect(refusing.errors).toHaveLength(1);
});

test('looks never overlap, and there is none after the end', async () => {
  const { trimmer, look, gate, looks } = openTrimmer({ floors: { archive: 3 } });
  const { promise, resolve } = Promise.withResolvers<void>();
  gate.opened = promise;
  await look();
  await look();
  expect(looks()).toBe(1);
  resolve();
  await look();
  await look();
  expect(looks()).toBeGreaterThan(1);
  const before = looks();
  trimmer.stop();
  await look();
  expect(looks()).toBe(before);
});
