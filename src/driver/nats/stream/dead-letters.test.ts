/** Each bad message is set aside once, whatever is in it. */
import { afterAll, expect, test } from 'bun:test';
import type { StreamConfig } from '@nats-io/jetstream';
import { openNatsServer } from '../../../../deploy/local/nats.ts';
import { until } from '../../../../deploy/local/until.ts';
import { eventOf, eventsOf } from '../../../../test/support/live-event.ts';
import {
  codeOf,
  collector,
  openNatsDesk,
  openNatsStage,
  rejection,
} from '../../../../test/support/nats-stage.ts';
import { sharedNats } from '../../../../test/support/servers.ts';
import { UnusableEventsError } from '../../../flow/bus.ts';
import type { ItemEvent } from '../../../live/rule/item.ts';
import { DEAD_STREAM, subjectOfDead } from './channel.ts';

const { url } = await sharedNats();
const desk = await openNatsDesk(url);
afterAll(() => desk[Symbol.asyncDispose]());
const STREAM_FULL = 10077;
/** With the client's own headers it no longer fits into a message. */
const NEARLY_FULL_BYTES = 1_048_376;

type Stage = Awaited<ReturnType<typeof openNatsStage>>;

/** Bypasses the bus's own count, which is up to a second old. */
async function lettersOf({ channel }: Stage): Promise<number> {
  const subject = subjectOfDead(channel);
  const { state } = await desk.manager.streams.info(DEAD_STREAM, { subjects_filter: subject });
  return state.subjects?.[subject] ?? 0;
}

async function lastLetterOf({ channel }: Stage) {
  const last = { last_by_subj: subjectOfDead(channel) };
  const letter = await desk.manager.streams.getMessage(DEAD_STREAM, last);
  if (letter === null) throw new Error('there is no letter');
  return letter;
}

/** Counts the letters that are sent, including those dropped as duplicates. */
function sendingsTo({ channel }: Stage): () => number {
  const { client } = desk;
  const subscription = client.subscribe(subjectOfDead(channel), { callback: () => undefined });
  return () => subscription.getReceived();
}

function strew({ channel }: Stage, data: string): Promise<void> {
  desk.client.publish(`${channel.subject}.stray`, data);
  return desk.client.flush();
}

test('garbage that fills a message is cut, with its full length, and holds up nothing', async () => {
  await using stage = await openNatsStage(url);
  const durable = collector(2);
  await stage.bus.subscribe({ durableName: 'one', handler: durable.handler });
  await stage.bus.publish(eventsOf(1, 1));
  await strew(stage, 'x'.repeat(NEARLY_FULL_BYTES));
  await stage.bus.publish(eventsOf(2, 2));
  await durable.done;
  await until('it is put aside', async () => (await lettersOf(stage)) === 1);
  const { header, data } = await lastLetterOf(stage);
  expect(header.get('Gavel-Whole-Bytes')).toBe(`${NEARLY_FULL_BYTES}`);
  expect(header.get('Gavel-Reason')).not.toBe('');
  expect(data.length).toBeGreaterThan(1_000_000);
  expect(data.length).toBeLessThan(NEARLY_FULL_BYTES);
});

test('an event with an id that no header can hold is set aside whole', async () => {
  await using stage = await openNatsStage(url);
  const bad = eventOf(1, { eventId: `two\r\nlines${'x'.repeat(10_000)}` });
  const durable = collector(1);
  await stage.bus.subscribe({
    durableName: 'one',
    handler: (events) => {
      durable.handler(events.filter(({ seq }) => seq === 3));
      if (events.some(({ seq }) => seq === 1)) throw new UnusableEventsError([bad.eventId]);
    },
  });
  await stage.bus.publish([bad, eventOf(2)]);
  await stage.bus.publish([eventOf(3)]);
  await durable.done;
  await until('it is put aside', async () => (await lettersOf(stage)) === 1);
  const letter = await lastLetterOf(stage);
  expect(letter.json<ItemEvent>()).toEqual(bad);
  expect(letter.header.has('Gavel-Whole-Bytes')).toBe(false);
});

test('an unreadable message is sent once, however often its batch is retried', async () => {
  await using stage = await openNatsStage(url);
  const sendings = sendingsTo(stage);
  const done = Promise.withResolvers<void>();
  let failures = 3;
  await stage.bus.publish(eventsOf(1, 1));
  await strew(stage, 'no json');
  await stage.bus.subscribe({
    durableName: 'one',
    handler: () => {
      if (failures-- > 0) throw new Error('not now');
      done.resolve();
    },
  });
  await done.promise;
  await until('it is put aside', async () => (await lettersOf(stage)) === 1);
  await desk.client.flush();
  expect(sendings()).toBe(1);
});

test('an oversized event is sent once, though its publisher retries', async () => {
  await using stage = await openNatsStage(url, { durables: ['archive'], maxBytes: 4_096 });
  const sendings = sendingsTo(stage);
  await stage.bus.publish(eventsOf(1, 5));
  const batch = [eventOf(6, { userId: 'x'.repeat(2 * 1024 * 1024) }), ...eventsOf(7, 30)];
  for (let times = 0; times < 3; times++) {
    expect(codeOf(await rejection(stage.bus.publish(batch)))).toBe(STREAM_FULL);
  }
  await desk.client.flush();
  expect(sendings()).toBe(1);
  expect(stage.errors).toHaveLength(1);
});

test('bad messages at the same sequence of a stream and its successor are two letters', async () => {
  await using stage = await openNatsStage(url);
  const { stream } = stage.channel;
  await stage.bus.subscribe({ durableName: 'one', handler: () => undefined });
  await strew(stage, 'no json');
  await until('the first is put aside', async () => (await lettersOf(stage)) === 1);
  await desk.manager.streams.delete(stream);
  await until('it is made anew', async () => (await desk.manager.streams.info(stream)) !== null);
  await strew(stage, 'no json');
  await until('the second is put aside', async () => (await lettersOf(stage)) === 2);
});

test('while the dead letter stream is down, the follower waits without another call', async () => {
  await using server = await openNatsServer();
  await using own = await openNatsDesk(server.url);
  await using stage = await openNatsStage(server.url);
  const durable = collector(2);
  let calls = 0;
  await stage.bus.publish(eventsOf(1, 1));
  const sealed: Partial<StreamConfig> = { sealed: true };
  await own.manager.streams.update(DEAD_STREAM, sealed);
  await stage.bus.subscribe({
    durableName: 'one',
    handler: (events) => {
      calls += 1;
      durable.handler(events);
      const unusable = events.filter(({ seq }) => seq === 1).map(({ eventId }) => eventId);
      if (unusable.length > 0) throw new UnusableEventsError(unusable);
    },
  });
  await until('it has tried twice', async () => stage.errors.length > 2);
  expect(stage.bus.isWorking()).toBe(false);
  expect(calls).toBe(1);
  await own.manager.streams.delete(DEAD_STREAM);
  await until('it works', async () => stage.bus.isWorking());
  await stage.bus.publish(eventsOf(2, 2));
  await durable.done;
  expect(calls).toBe(2);
  expect(await stage.bus.deadLetters()).toBe(1);
}, 15_000);
