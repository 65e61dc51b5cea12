/**
 * An existing stream or durable name that loses events is refused by setting, and health shows it.
 */
import { afterAll, describe, expect, test } from 'bun:test';
import type { ConsumerConfig, StreamConfig } from '@nats-io/jetstream';
import { until } from '../../../../deploy/local/until.ts';
import { eventsOf } from '../../../../test/support/live-event.ts';
import { createManualTime, untilTurned } from '../../../../test/support/manual-timers.ts';
import {
  collector,
  newChannel,
  openNatsDesk,
  openNatsProcess,
  openNatsStage,
  rejection,
} from '../../../../test/support/nats-stage.ts';
import { sharedNats } from '../../../../test/support/servers.ts';
import type { NatsChannel } from './channel.ts';
import { refuseOther } from './setting.ts';

const { url } = await sharedNats();
const desk = await openNatsDesk(url);
afterAll(() => desk[Symbol.asyncDispose]());
const HOUR_NANOS = 3_600e9;

/** As an operator makes it, correct except for `other`. */
async function makeStream(channel: NatsChannel<never>, other: Partial<StreamConfig>) {
  const { stream: name, subject } = channel;
  const right = { name, subjects: [`${subject}.>`], max_bytes: 1e6 };
  await desk.manager.streams.add({ ...right, discard: 'new', ...other });
}

const WRONG_STREAMS: readonly [Partial<StreamConfig>, string][] = [
  [{ max_age: HOUR_NANOS }, 'max_age is 3600000000000, wanted 0'],
  [{ max_msgs: 10 }, 'max_msgs is 10, wanted -1'],
  [{ max_msgs_per_subject: 1 }, 'max_msgs_per_subject is 1, wanted -1'],
  [{ max_msg_size: 100 }, 'max_msg_size is 100, wanted -1'],
  [{ discard: 'old' }, 'discard is "old", wanted "new"'],
  [{ storage: 'memory' }, 'storage is "memory", wanted "file"'],
  [{ retention: 'interest' }, 'retention is "interest", wanted "limits"'],
  [{ no_ack: true }, 'no_ack is true, wanted false'],
  [{ deny_delete: true }, 'deny_delete is true, wanted false'],
];

describe('a stream made beforehand', () => {
  test.each(WRONG_STREAMS)('with %j is refused', async (other, sentence) => {
    const channel = newChannel();
    await makeStream(channel, other);
    await using process = openNatsProcess(url, channel);
    await process.connection.whenUp();
    const { name, message } = await rejection(process.bus.publish(eventsOf(1, 1)));
    expect(name).toBe('NatsSettingError');
    expect(message).toBe(`stream ${channel.stream}: ${sentence}`);
  });

  test('and sealed is refused', async () => {
    const channel = newChannel();
    await makeStream(channel, {});
    const sealed: Partial<StreamConfig> = { sealed: true };
    await desk.manager.streams.update(channel.stream, sealed);
    await using process = openNatsProcess(url, channel);
    await process.connection.whenUp();
    const { message } = await rejection(process.bus.publish(eventsOf(1, 1)));
    expect(message).toContain('sealed is true, wanted false');
  });

  test('with deny_purge does no harm', async () => {
    const channel = newChannel();
    await makeStream(channel, { deny_purge: true });
    await using process = openNatsProcess(url, channel);
    await process.connection.whenUp();
    await process.bus.publish(eventsOf(1, 1));
    expect(process.bus.isWorking()).toBe(true);
  });

  test('with a wrong setting is reported by all its users until it is corrected', async () => {
    const channel = newChannel(['archive']);
    await makeStream(channel, { max_age: HOUR_NANOS });
    await using relay = openNatsProcess(url, channel);
    await using archiver = openNatsProcess(url, channel);
    const time = createManualTime();
    await using viewer = openNatsProcess(url, channel, { time });
    const archive = collector(1);
    await archiver.bus.subscribe({ durableName: 'archive', handler: archive.handler });
    await Promise.all([relay.connection.whenUp(), viewer.connection.whenUp()]);
    await rejection(relay.bus.publish(eventsOf(1, 1)));
    await viewer.bus.subscribe({ durableName: null, handler: () => undefined });
    await viewer.bus.deadLetters();
    await until('the archiver reports it', async () => !archiver.bus.isWorking());
    expect([relay.bus.isWorking(), viewer.bus.isWorking()]).toEqual([false, false]);
    expect(`${viewer.errors}`).toContain('max_age is 3600000000000, wanted 0');
    await desk.manager.streams.update(channel.stream, { max_age: 0 });
    await until('the archiver works, with nothing to do', async () => archiver.bus.isWorking());
    await relay.bus.publish(eventsOf(1, 1));
    expect(relay.bus.isWorking()).toBe(true);
    await archive.done;
    await untilTurned(time, 'the viewer has looked again', async () => {
      await viewer.bus.deadLetters();
      return viewer.bus.isWorking();
    });
    expect(viewer.errors).toHaveLength(1);
  }, 15_000);
});

const WRONG_DURABLES: readonly [Partial<ConsumerConfig>, string][] = [
  [{ headers_only: true }, 'headers_only is true, wanted false'],
  [{ filter_subject: 'some.batch' }, 'filter_subject is "some.batch", wanted ""'],
  [{ deliver_policy: 'new' }, 'deliver_policy is "new", wanted "all"'],
  [{ deliver_policy: 'last' }, 'deliver_policy is "last", wanted "all"'],
  [{ max_deliver: 3 }, 'max_deliver is 3, wanted -1'],
  [{ ack_policy: 'all' }, 'ack_policy is "all", wanted "explicit"'],
  [{ replay_policy: 'original' }, 'replay_policy is "original", wanted "instant"'],
  [{ inactive_threshold: HOUR_NANOS }, 'inactive_threshold is 3600000000000, wanted 0'],
  [{ deliver_subject: 'elsewhere' }, 'deliver_subject is "elsewhere", wanted ""'],
  [{ max_batch: 1 }, 'max_batch is 1, wanted 0'],
  [{ max_expires: 1e9 }, 'max_expires is 1000000000, wanted 0'],
  [{ max_bytes: 100 }, 'max_bytes is 100, wanted 0'],
  [
    { backoff: [1e9], max_deliver: 2 },
    'max_deliver is 2, wanted -1; backoff is [1000000000], wanted []',
  ],
];

describe('a durable name made beforehand', () => {
  test.each(WRONG_DURABLES)('with %j is refused', async (other, sentence) => {
    await using stage = await openNatsStage(url);
    const { stream, subject } = stage.channel;
    await stage.bus.publish(eventsOf(1, 1));
    const right = { ack_policy: 'explicit', deliver_policy: 'all' } as const;
    const filtered = 'filter_subject' in other ? { filter_subject: `${subject}.batch` } : {};
    const settings = { durable_name: 'archive', ...right, ...other, ...filtered };
    await desk.manager.consumers.add(stream, settings);
    await stage.bus.subscribe({ durableName: 'archive', handler: () => undefined });
    await until('it is reported', async () => stage.errors.length > 0);
    const wanted = sentence.replace('some', subject);
    expect(`${stage.errors[0]}`).toBe(`NatsSettingError: consumer ${stream}/archive: ${wanted}`);
    expect(stage.bus.isWorking()).toBe(false);
  });

  // nats-server has it since 2.10.
  test('with several filters is refused', () => {
    const wanted = { filter_subjects: [] };
    const found = { filter_subjects: ['a', 'b'] };
    expect(() => refuseOther('it', { found, wanted })).toThrow(
      'it: filter_subjects is ["a","b"], wanted []',
    );
    expect(() => refuseOther('it', { found: {}, wanted })).not.toThrow();
  });

  test('with a wrong setting gets nothing until it is corrected', async () => {
    await using stage = await openNatsStage(url);
    const { channel } = stage;
    await stage.bus.publish(eventsOf(1, 3));
    const wrong = { durable_name: 'archive', ack_policy: 'explicit', headers_only: true } as const;
    await desk.manager.consumers.add(channel.stream, wrong);
    await using archiver = openNatsProcess(url, channel);
    const archive = collector(3);
    await archiver.bus.subscribe({ durableName: 'archive', handler: archive.handler });
    await until('it has tried twice', async () => archiver.errors.length > 1);
    expect(`${archiver.errors[0]}`).toContain('headers_only is true, wanted false');
    expect(archiver.bus.isWorking()).toBe(false);
    const info = await desk.manager.consumers.info(channel.stream, 'archive');
    expect(info.delivered.consumer_seq).toBe(0);
    await desk.manager.consumers.update(channel.stream, 'archive', { headers_only: false });
    await archive.done;
    expect(archive.seen).toEqual(eventsOf(1, 3));
    await until('it works', async () => archiver.bus.isWorking());
  });
});
