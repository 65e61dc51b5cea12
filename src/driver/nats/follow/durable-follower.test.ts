import { expect, test } from 'bun:test';
import type { Msg } from '@nats-io/transport-node';
import { until } from '../../../../deploy/local/until.ts';
import { eventsOf } from '../../../../test/support/live-event.ts';
import { createManualTime } from '../../../../test/support/manual-timers.ts';
import { openNatsStage } from '../../../../test/support/nats-stage.ts';
import { sharedNats } from '../../../../test/support/servers.ts';
import { createWorking } from '../../../core/working.ts';
import type { NatsConnection } from '../line/connection.ts';
import type { NatsLine } from '../line/line.ts';
import { BID_CHANNEL } from '../stream/channel.ts';
import type { Streams } from '../stream/streams.ts';
import { followDurably } from './durable-follower.ts';

const { url } = await sharedNats();

/** Lets the promises between a pause and the next call of a handler settle. */
async function settle(): Promise<void> {
  for (let turns = 0; turns < 50; turns++) await Promise.resolve();
}

test('a failing handler gets its batch again after growing pauses, until it succeeds', async () => {
  const time = createManualTime();
  await using stage = await openNatsStage(url, { durables: ['archive'], time });
  let calls = 0;
  let failures = 4;
  const handler = () => {
    calls += 1;
    if (failures-- > 0) throw new Error('not now');
  };
  async function pauseIs(ms: number): Promise<void> {
    const before = calls;
    await settle();
    time.advance(ms - 1);
    await settle();
    expect(calls).toBe(before);
    time.advance(1);
    await settle();
    expect(calls).toBe(before + 1);
  }
  await stage.bus.subscribe({ durableName: 'archive', handler });
  await stage.bus.publish(eventsOf(1, 1));
  await until('it is called', async () => calls === 1);
  for (const ms of [20, 40, 80, 160]) await pauseIs(ms);
  failures = 1;
  await stage.bus.publish(eventsOf(2, 2));
  await until('it is called for the next', async () => calls === 6);
  await pauseIs(20);
});

test('messages handled during an outage are acked when the line is back, not before', async () => {
  const { clock, timers } = createManualTime();
  const answers: string[] = [];
  let deliver: (error: null, message: Msg) => void = () => undefined;
  const client = {
    subscribe(_inbox: string, { callback }: { callback: typeof deliver }) {
      deliver = callback;
      return { drain: async () => {}, unsubscribe: () => {} };
    },
    publish: () => undefined,
    flush: async () => {},
  };
  const line = { client, broken: new Promise(() => {}) } as unknown as NatsLine;
  const manager = { consumers: { info: async () => ({ num_ack_pending: 0 }) } };
  const streams = { ensureDurable: async () => {}, ready: async () => manager, doubt: () => {} };
  let isUp = true;
  const risen = Promise.withResolvers<NatsLine>();
  const connection = {
    clock,
    timers,
    isUp: () => isUp,
    whenUp: async () => (isUp ? line : await risen.promise),
  };
  const stop = followDurably({
    connection: connection as unknown as NatsConnection,
    streams: streams as unknown as Streams,
    channel: BID_CHANNEL,
    durableName: 'archive',
    ackWaitMs: 60_000,
    handler: () => {
      isUp = false;
    },
    deadLetters: { put: async () => {} },
    working: createWorking().part(),
    onError: () => undefined,
  });
  await settle();
  const data = new TextEncoder().encode(JSON.stringify(eventsOf(1, 1)));
  const respond = (answer: string) => answers.push(answer);
  deliver(null, { data, respond } as unknown as Msg);
  await settle();
  expect(isUp).toBe(false);
  expect(answers).toEqual([]);
  isUp = true;
  risen.resolve(line);
  await settle();
  expect(answers).toEqual(['+ACK']);
  await stop();
});
