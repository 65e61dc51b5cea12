/** Outages of NATS: away, killed, frozen, back again. */
import { afterEach, describe, expect, test } from 'bun:test';
import { type NatsServer, openNatsServer } from '../../../../deploy/local/nats.ts';
import { until } from '../../../../deploy/local/until.ts';
import { eventOf, eventsOf } from '../../../../test/support/live-event.ts';
import { createManualTime, untilTurned } from '../../../../test/support/manual-timers.ts';
import {
  collector,
  newChannel,
  openNatsProcess,
  openNatsStage,
  rejection,
} from '../../../../test/support/nats-stage.ts';
import type { Bus } from '../../../flow/bus.ts';
import type { ItemEvent } from '../../../live/rule/item.ts';

const opened: NatsServer[] = [];

async function openServer(): Promise<NatsServer> {
  const server = await openNatsServer();
  opened.push(server);
  return server;
}

async function die(server: NatsServer): Promise<void> {
  server.kill('SIGKILL');
  await server.exited;
}

/** The signal takes effect a little after it is sent. */
async function stop(server: NatsServer): Promise<void> {
  server.kill('SIGSTOP');
  const command = ['ps', '-o', 'stat=', '-p', `${server.pid}`];
  await until('it stands still', async () => (await Bun.$`${command}`.text()).startsWith('T'));
}

function published(bus: Bus<ItemEvent>, events: readonly ItemEvent[]): Promise<void> {
  return until('it is published', () => bus.publish(events).then(() => true));
}

afterEach(async () => {
  for (const server of opened.splice(0)) await server[Symbol.asyncDispose]();
});

describe('a server that is away', () => {
  test('at the start keeps no caller waiting, and is found when it comes up', async () => {
    const server = await openServer();
    await die(server);
    await using process = openNatsProcess(server.url, newChannel(['archive']));
    expect(process.connection.isUp()).toBe(false);
    const [archive, passing] = [collector(2), collector(2)];
    let misses = 0;
    const onMissed = () => {
      misses += 1;
    };
    await process.bus.subscribe({ durableName: 'archive', handler: archive.handler });
    await process.bus.subscribe({ durableName: null, handler: passing.handler, onMissed });
    expect((await rejection(process.bus.publish(eventsOf(1, 2)))).name).toBe('NatsDownError');
    await server.restart();
    await until('a viewer learns that it may have missed events', async () => misses === 1);
    await published(process.bus, eventsOf(1, 2));
    await Promise.all([archive.done, passing.done]);
    expect(archive.seen).toEqual(eventsOf(1, 2));
    expect(process.errors.length).toBeLessThan(4);
  }, 15_000);

  test('does not keep a process from ending', async () => {
    const server = await openServer();
    await die(server);
    const process = openNatsProcess(server.url, newChannel(['archive']));
    await process.bus.subscribe({ durableName: 'archive', handler: () => undefined });
    await process[Symbol.asyncDispose]();
    await server.restart();
    const later = await openNatsStage(server.url);
    await later.bus.subscribe({ durableName: 'archive', handler: () => undefined });
    await die(server);
    const startedAtMs = performance.now();
    await later[Symbol.asyncDispose]();
    expect(performance.now() - startedAtMs).toBeLessThan(3_000);
  }, 15_000);
});

describe('a server that is killed', () => {
  test('still has the messages that it acked and no subscriber did', async () => {
    const server = await openServer();
    await using stage = await openNatsStage(server.url, { durables: ['archive'] });
    await stage.bus.publish(eventsOf(1, 50));
    expect(stage.bus.isWorking()).toBe(true);
    await die(server);
    await rejection(stage.bus.publish(eventsOf(51, 60)));
    expect(stage.bus.isWorking()).toBe(false);
    await server.restart();
    await published(stage.bus, eventsOf(51, 60));
    expect(stage.bus.isWorking()).toBe(true);
    const archive = collector(60);
    await stage.bus.subscribe({ durableName: 'archive', handler: archive.handler });
    await archive.done;
    expect(archive.firstSeen()).toEqual(eventsOf(1, 60));
  }, 15_000);

  test('during a batch goes on after it, in order', async () => {
    const server = await openServer();
    await using stage = await openNatsStage(server.url, { durables: ['archive'] });
    const archive = collector(30);
    const started = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    await stage.bus.subscribe({
      durableName: 'archive',
      handler: async (events) => {
        started.resolve();
        await gate.promise;
        archive.handler(events);
      },
    });
    for (const event of eventsOf(1, 20)) await stage.bus.publish([event]);
    await started.promise;
    await die(server);
    gate.resolve();
    await server.restart();
    await published(stage.bus, eventsOf(21, 30));
    await archive.done;
    expect(archive.firstSeen()).toEqual(eventsOf(1, 30));
  }, 15_000);

  test('reports possibly missed events to an unnamed subscriber once it is back', async () => {
    const server = await openServer();
    await using stage = await openNatsStage(server.url);
    const missed = Promise.withResolvers<void>();
    const passing = collector(2);
    let misses = 0;
    const onMissed = () => {
      misses += 1;
      missed.resolve();
    };
    await stage.bus.subscribe({ durableName: null, handler: passing.handler, onMissed });
    await stage.bus.publish(eventsOf(1, 1));
    expect(misses).toBe(0);
    await die(server);
    await server.restart();
    await missed.promise;
    await stage.bus.publish(eventsOf(2, 2));
    await passing.done;
    expect(passing.seen).toEqual(eventsOf(1, 2));
    expect(misses).toBe(1);
  }, 15_000);
});

describe('a server that stands still', () => {
  test('fails publishes that it does not ack in time, and loses nothing when it resumes', async () => {
    const server = await openServer();
    await using stage = await openNatsStage(server.url, { durables: ['archive'] });
    const archive = collector(40);
    await stage.bus.subscribe({ durableName: 'archive', handler: archive.handler });
    await stage.bus.publish(eventsOf(1, 20));
    await stop(server);
    const startedAtMs = performance.now();
    await rejection(stage.bus.publish(eventsOf(21, 40)));
    expect(performance.now() - startedAtMs).toBeLessThan(3_000);
    await until('it is noticed', async () => !stage.connection.isUp());
    await rejection(stage.bus.publish(eventsOf(21, 40)));
    server.kill('SIGCONT');
    await published(stage.bus, eventsOf(21, 40));
    await archive.done;
    expect(archive.firstSeen()).toEqual(eventsOf(1, 40));
  }, 20_000);

  test('keeps no caller waiting for the number of dead letters', async () => {
    const server = await openServer();
    const time = createManualTime();
    await using stage = await openNatsStage(server.url, { time });
    await using other = openNatsProcess(server.url, stage.channel);
    await other.connection.whenUp();
    await stage.bus.subscribe({ durableName: 'one', handler: () => undefined });
    const huge = eventOf(1, { userId: 'x'.repeat(2 * 1024 * 1024) });
    await stage.bus.publish([huge]);
    const letters = () => stage.bus.deadLetters();
    await untilTurned(time, 'it is known', async () => (await letters()) === 1);
    await stop(server);
    const askedAtMs = performance.now();
    expect(await other.bus.deadLetters()).toBe(0);
    expect(performance.now() - askedAtMs).toBeLessThan(500);
    // The known number counts as fresh for a second.
    for (let seconds = 0; seconds < 3; seconds++) {
      const startedAtMs = performance.now();
      expect(await letters()).toBe(1);
      expect(performance.now() - startedAtMs).toBeLessThan(100);
      time.advance(1_000);
    }
    server.kill('SIGCONT');
  }, 20_000);

  test('does not keep a process from ending, and fails its pending calls', async () => {
    const server = await openServer();
    const stage = await openNatsStage(server.url, { durables: ['archive'] });
    await stage.bus.subscribe({ durableName: 'archive', handler: () => undefined });
    await stage.bus.publish(eventsOf(1, 1));
    await stop(server);
    const publishing = rejection(stage.bus.publish(eventsOf(2, 2)));
    const startedAtMs = performance.now();
    await stage[Symbol.asyncDispose]();
    expect(performance.now() - startedAtMs).toBeLessThan(2_500);
    await publishing;
    expect(stage.bus.isWorking()).toBe(false);
  }, 20_000);
});
