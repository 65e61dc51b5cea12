import { afterAll, describe, expect, test } from 'bun:test';
import { AckPolicy, type JsMsg, jetstream } from '@nats-io/jetstream';
import { createInbox } from '@nats-io/transport-node';
import { until } from '../../../../deploy/local/until.ts';
import { eventOf, eventsOf } from '../../../../test/support/live-event.ts';
import { createManualTime, untilTurned } from '../../../../test/support/manual-timers.ts';
import {
  codeOf,
  collector,
  openNatsDesk,
  openNatsProcess,
  openNatsStage,
  rejection,
  untilTrimmed,
} from '../../../../test/support/nats-stage.ts';
import { sharedNats } from '../../../../test/support/servers.ts';
import { UnusableEventsError } from '../../../flow/bus.ts';
import type { ItemEvent } from '../../../live/rule/item.ts';

const { url } = await sharedNats();
const desk = await openNatsDesk(url);
afterAll(() => desk[Symbol.asyncDispose]());
const STREAM_FULL = 10077;

async function kept(stream: string): Promise<number> {
  return (await desk.manager.streams.info(stream)).state.messages;
}

function isTaken(publishing: Promise<void>): Promise<boolean> {
  return publishing.then(
    () => true,
    () => false,
  );
}

describe('publishing', () => {
  test('keeps the order over many messages', async () => {
    await using stage = await openNatsStage(url);
    const all = eventsOf(1, 20_000);
    const [durable, passing] = [collector(all.length), collector(all.length)];
    await stage.bus.subscribe({ durableName: 'one', handler: durable.handler });
    await stage.bus.subscribe({ durableName: null, handler: passing.handler });
    for (let from = 0; from < all.length; from += 5_000) {
      await stage.bus.publish(all.slice(from, from + 5_000));
    }
    await Promise.all([durable.done, passing.done]);
    expect(durable.seen).toEqual(all);
    expect(passing.seen).toEqual(all);
  });

  test('a message that is repeated within the window is kept once', async () => {
    await using stage = await openNatsStage(url, { durables: ['archive'] });
    await stage.bus.publish(eventsOf(1, 10));
    await stage.bus.publish(eventsOf(1, 10));
    expect(await kept(stage.channel.stream)).toBe(1);
  });

  test('a restarted relay that cuts its batches differently loses nothing', async () => {
    await using stage = await openNatsStage(url, { durables: ['archive'] });
    await stage.bus.publish(eventsOf(1, 10));
    await stage.bus.publish(eventsOf(1, 15));
    await stage.bus.publish(eventsOf(16, 20));
    const archive = collector(20);
    await stage.bus.subscribe({ durableName: 'archive', handler: archive.handler });
    await archive.done;
    expect(archive.firstSeen()).toEqual(eventsOf(1, 20));
  });

  test('events repeated after the window arrive twice, and none is lost', async () => {
    await using stage = await openNatsStage(url, { duplicateWindowMs: 100 });
    const durable = collector(3);
    await stage.bus.subscribe({ durableName: 'one', handler: durable.handler });
    await stage.bus.publish(eventsOf(1, 2));
    await until('the window is over', async () => {
      await stage.bus.publish(eventsOf(1, 2));
      return (await desk.manager.streams.info(stage.channel.stream)).state.last_seq === 2;
    });
    await stage.bus.publish(eventsOf(3, 3));
    await durable.done;
    expect(durable.seen).toEqual([...eventsOf(1, 2), ...eventsOf(1, 2), ...eventsOf(3, 3)]);
  });

  test('an event that no message can hold is set aside, and holds up nothing', async () => {
    await using stage = await openNatsStage(url);
    const durable = collector(2);
    await stage.bus.subscribe({ durableName: 'one', handler: durable.handler });
    const huge = eventOf(2, { userId: 'x'.repeat(2 * 1024 * 1024) });
    await stage.bus.publish([eventOf(1), huge, eventOf(3)]);
    await durable.done;
    expect(durable.seen).toEqual([eventOf(1), eventOf(3)]);
    expect(await stage.bus.deadLetters()).toBe(1);
  });
});

describe('a stream', () => {
  test('keeps events for its durable names from before they first subscribed', async () => {
    const time = createManualTime();
    await using stage = await openNatsStage(url, { durables: ['archive'], time });
    const quick = collector(5);
    await stage.bus.subscribe({ durableName: 'quick', handler: quick.handler });
    await stage.bus.publish(eventsOf(1, 5));
    await quick.done;
    await untilTrimmed(desk, stage.channel.stream, time);
    const archive = collector(5);
    await stage.bus.subscribe({ durableName: 'archive', handler: archive.handler });
    await archive.done;
    expect(archive.seen).toEqual(eventsOf(1, 5));
  });

  test('deletes the messages that every durable name has acked', async () => {
    const time = createManualTime();
    await using stage = await openNatsStage(url, { durables: ['archive'], time });
    const archive = collector(5);
    await stage.bus.subscribe({ durableName: 'archive', handler: archive.handler });
    for (const event of eventsOf(1, 5)) await stage.bus.publish([event]);
    await archive.done;
    await untilTurned(time, 'it is empty', async () => (await kept(stage.channel.stream)) === 0);
  });

  test('keeps messages that a lost reader held, though later ones were acked', async () => {
    const time = createManualTime();
    const wanted = { durables: ['archive'], ackWaitMs: 60_000, time };
    await using stage = await openNatsStage(url, wanted);
    const { stream } = stage.channel;
    const quick = collector(4);
    await stage.bus.subscribe({ durableName: 'quick', handler: quick.handler });
    for (const event of eventsOf(1, 3)) await stage.bus.publish([event]);
    const reader = await jetstream(desk.client).consumers.get(stream, 'archive');
    async function take(count: number): Promise<JsMsg[]> {
      const taken: JsMsg[] = [];
      for await (const message of await reader.fetch({ max_messages: count })) taken.push(message);
      return taken;
    }
    const [first, ...held] = await take(3);
    await first?.ackAck();
    await untilTrimmed(desk, stream, time);
    await stage.bus.publish([eventOf(4)]);
    await quick.done;
    await (await take(1))[0]?.ackAck();
    await untilTrimmed(desk, stream, time);
    // As when their ack wait has passed.
    for (const message of held) message.nak();
    const again = await take(2);
    const events = again.flatMap((message) => message.json<ItemEvent[]>());
    expect(events.toSorted((a, b) => a.seq - b.seq)).toEqual(eventsOf(2, 3));
    for (const message of again) await message.ackAck();
    await untilTurned(time, 'it is empty', async () => (await kept(stream)) === 0);
  });

  test('that was full has room again, though its reader had acked all before a restart', async () => {
    const time = createManualTime();
    const maxBytes = 16 * 1024;
    await using stage = await openNatsStage(url, { durables: ['archive'], maxBytes, time });
    const { bus, channel } = stage;
    const first = collector(1);
    const stop = await bus.subscribe({ durableName: 'archive', handler: first.handler });
    await bus.publish([eventOf(1)]);
    await first.done;
    await stop();
    // A durable name made by hand, with no follower.
    const durable = { durable_name: 'abandoned', ack_policy: AckPolicy.Explicit };
    await desk.manager.consumers.add(channel.stream, durable);
    let seq = 1;
    while (await isTaken(bus.publish([eventOf(seq + 1, { userId: 'x'.repeat(900) })]))) seq += 1;
    const rest = collector(seq - 1);
    await (await bus.subscribe({ durableName: 'archive', handler: rest.handler }))();
    await using later = openNatsProcess(url, channel, { maxBytes, time });
    await later.connection.whenUp();
    await later.bus.subscribe({ durableName: 'archive', handler: rest.handler });
    await rest.done;
    await desk.manager.consumers.delete(channel.stream, 'abandoned');
    await untilTurned(time, 'there is room', () => isTaken(bus.publish([eventOf(seq + 1)])));
  });

  test('deletes nothing while a durable name of its channel is missing', async () => {
    const time = createManualTime();
    await using stage = await openNatsStage(url, { durables: ['archive'], time });
    const quick = collector(5);
    await stage.bus.subscribe({ durableName: 'quick', handler: quick.handler });
    await desk.manager.consumers.delete(stage.channel.stream, 'archive');
    await stage.bus.publish(eventsOf(1, 5));
    await quick.done;
    await untilTrimmed(desk, stage.channel.stream, time);
    expect(await kept(stage.channel.stream)).toBe(1);
  });

  test('that is full refuses, keeps all it acked, and accepts more when there is room', async () => {
    const time = createManualTime();
    const wanted = { durables: ['archive'], maxBytes: 64 * 1024, time };
    await using stage = await openNatsStage(url, wanted);
    let published = 0;
    let refusal: Error | null = null;
    while (refusal === null) {
      const next = eventsOf(published + 1, published + 20);
      refusal = await stage.bus.publish(next).then(
        () => null,
        (error: Error) => error,
      );
      if (refusal === null) published += 20;
    }
    expect(codeOf(refusal)).toBe(STREAM_FULL);
    const archive = collector(published + 20);
    await stage.bus.subscribe({ durableName: 'archive', handler: archive.handler });
    const rest = eventsOf(published + 1, published + 20);
    await untilTurned(time, 'there is room', () => isTaken(stage.bus.publish(rest)));
    await archive.done;
    expect(archive.seen).toEqual(eventsOf(1, published + 20));
  });

  test('that is smaller than wanted grows, and one that is larger stays', async () => {
    await using stage = await openNatsStage(url, { maxBytes: 1_000_000 });
    await stage.bus.publish(eventsOf(1, 1));
    const sizes: number[] = [];
    for (const maxBytes of [2_000_000, 500_000]) {
      await using process = openNatsProcess(url, stage.channel, { maxBytes });
      await process.connection.whenUp();
      await process.bus.publish(eventsOf(2, 2));
      sizes.push((await desk.manager.streams.info(stage.channel.stream)).config.max_bytes);
    }
    expect(sizes).toEqual([2_000_000, 2_000_000]);
  });

  test('that was deleted is recreated', async () => {
    await using stage = await openNatsStage(url);
    await stage.bus.publish(eventsOf(1, 1));
    await desk.manager.streams.delete(stage.channel.stream);
    await rejection(stage.bus.publish(eventsOf(1, 2)));
    await stage.bus.publish(eventsOf(1, 2));
    expect(await kept(stage.channel.stream)).toBe(1);
  });
});

describe('a durable name', () => {
  test('with two subscribers gives every event to one of them, and one that hangs stops nothing', async () => {
    const time = createManualTime();
    await using stage = await openNatsStage(url, { durables: ['archive'] });
    await using other = openNatsProcess(url, stage.channel, { time });
    await other.connection.whenUp();
    const gate = Promise.withResolvers<void>();
    const all = collector(400);
    let takenByOther = 0;
    const hanging = async (events: readonly ItemEvent[]) => {
      await gate.promise;
      all.handler(events);
    };
    const quick = (events: readonly ItemEvent[]) => {
      takenByOther += events.length;
      all.handler(events);
    };
    for (const event of eventsOf(1, 400)) await stage.bus.publish([event]);
    await stage.bus.subscribe({ durableName: 'archive', handler: hanging });
    await other.bus.subscribe({ durableName: 'archive', handler: quick });
    // It waits for the other's messages no longer than the ack wait.
    await untilTurned(time, 'the other has the rest', async () => takenByOther >= 368);
    gate.resolve();
    await all.done;
    expect(all.seen).toHaveLength(400);
    expect(takenByOther).toBe(368);
  });

  test('whose subscriber is lost goes on in order, first with the messages it held', async () => {
    await using stage = await openNatsStage(url, { durables: ['archive'], ackWaitMs: 400 });
    const { stream } = stage.channel;
    for (const event of eventsOf(1, 6)) await stage.bus.publish([event]);
    // A subscriber that takes three messages and is never heard of again.
    const inbox = createInbox();
    const lost = desk.client.subscribe(inbox, { max: 3 });
    const next = `$JS.API.CONSUMER.MSG.NEXT.${stream}.archive`;
    desk.client.publish(next, JSON.stringify({ batch: 3 }), { reply: inbox });
    for await (const message of lost) expect(message.headers?.code ?? 0).toBe(0);
    const archive = collector(6);
    await stage.bus.subscribe({ durableName: 'archive', handler: archive.handler });
    await archive.done;
    expect(archive.seen).toEqual(eventsOf(1, 6));
  });

  test('leaves nothing unacked behind when its process ends cleanly', async () => {
    await using stage = await openNatsStage(url, { durables: ['archive'] });
    for (const event of eventsOf(1, 40)) await stage.bus.publish([event]);
    const process = openNatsProcess(url, stage.channel);
    await process.connection.whenUp();
    const started = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    const handler = () => {
      started.resolve();
      return gate.promise;
    };
    await process.bus.subscribe({ durableName: 'archive', handler });
    await started.promise;
    const ended = process[Symbol.asyncDispose]();
    gate.resolve();
    await ended;
    const { consumers } = desk.manager;
    const left = await consumers.info(stage.channel.stream, 'archive');
    expect(left.num_ack_pending).toBe(0);
    expect(left.ack_floor.stream_seq).toBeGreaterThan(0);
  });

  test('keeps a batch that takes its handler longer than the ack wait', async () => {
    await using stage = await openNatsStage(url, { ackWaitMs: 300 });
    const durable = collector(2);
    const slow = async (events: readonly ItemEvent[]) => {
      // The server alone counts the ack wait: it passes twice.
      await Bun.sleep(700);
      durable.handler(events);
    };
    await stage.bus.subscribe({ durableName: 'one', handler: slow });
    await stage.bus.publish(eventsOf(1, 1));
    await stage.bus.publish(eventsOf(2, 2));
    await durable.done;
    expect(durable.seen).toEqual(eventsOf(1, 2));
  });
});

describe('dead letters', () => {
  test('are kept with their reason, once, though their batch is redelivered', async () => {
    await using stage = await openNatsStage(url);
    let refusals = 3;
    const done = Promise.withResolvers<void>();
    await stage.bus.subscribe({
      durableName: 'one',
      handler: (events) => {
        if (refusals-- > 0)
          throw new UnusableEventsError(['event:L1:epoch1:2'], { cause: 'too old' });
        if (events.length > 0) done.resolve();
      },
    });
    for (let times = 0; times < 3; times++) {
      await stage.bus.publish(eventsOf(1, 2 + times));
      await until('it was refused', async () => refusals <= 2 - times);
    }
    await stage.bus.publish(eventsOf(9, 9));
    await done.promise;
    expect(await stage.bus.deadLetters()).toBe(1);
    const subject = `gavel.dead.${stage.channel.stream}`;
    const letter = await desk.manager.streams.getMessage('GAVEL_DEAD', { last_by_subj: subject });
    expect(letter?.header.get('Gavel-Reason')).toContain('too old');
    expect(letter?.json<ItemEvent>()).toEqual(eventOf(2));
  });

  test('are messages that hold no events, and these hold up nothing', async () => {
    const time = createManualTime();
    await using stage = await openNatsStage(url, { time });
    const durable = collector(2);
    const passing = collector(2);
    await stage.bus.subscribe({ durableName: 'one', handler: durable.handler });
    await stage.bus.subscribe({ durableName: null, handler: passing.handler });
    await stage.bus.publish(eventsOf(1, 1));
    for (const text of ['no json', '{}', '[1]', '[{"eventId":7}]', '[null]']) {
      desk.client.publish(`${stage.channel.subject}.stray`, text);
    }
    await desk.client.flush();
    await stage.bus.publish(eventsOf(2, 2));
    await Promise.all([durable.done, passing.done]);
    expect(durable.seen).toEqual(eventsOf(1, 2));
    const letters = () => stage.bus.deadLetters();
    await untilTurned(time, 'all are put aside', async () => (await letters()) === 5);
  });
});
