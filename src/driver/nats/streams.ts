/**
 * The streams and durable names of a channel: made when absent, checked when there.
 *
 * A stream keeps everything (`limits` without an age) and is trimmed by `trimmer.ts` alone; when it is
 * full it refuses what comes. Retention by interest would trim by itself, but a stream that has no
 * durable name for a moment, or whose durable name is deleted by hand, lets go of what nobody has
 * passed, without a word (seen on 2.9.10).
 *
 * A found stream that promises less is an error that names the setting. `max_bytes` and
 * `duplicate_window` are raised when they are less than wanted, and left when they are more: lowering
 * `max_bytes` deletes the oldest messages at once, also in a stream that discards new ones (2.9.10).
 */
import {
  AckPolicy,
  type ConsumerConfig,
  DeliverPolicy,
  DiscardPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamManager,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import { DEAD_STREAM, DEAD_SUBJECT, type NatsChannel, type NatsLimits } from './channel.ts';
import type { NatsLine } from './connection.ts';

/** Messages that a subscriber is given at a time. */
export const MESSAGES_HELD = 32;
/** So that one that hangs does not keep another of its name from working. */
const MESSAGES_HELD_BY_ALL = 4 * MESSAGES_HELD;
const REQUEST_MS = 2_000;
const DEAD_BYTES = 64 * 1024 * 1024;

export class NatsSettingError extends Error {
  override readonly name = 'NatsSettingError';
}

export type Streams = {
  /** Resolves when the streams and the channel's durable names are there, once a line. */
  ready(line: NatsLine): Promise<JetStreamManager>;
  ensureDurable(line: NatsLine, name: string): Promise<void>;
  /** The next `ready` looks again. */
  doubt(line: NatsLine): void;
};

type Settings = Partial<StreamConfig> & Pick<StreamConfig, 'name' | 'subjects' | 'max_bytes'>;

export function createStreams(channel: NatsChannel<never>, limits: NatsLimits): Streams {
  const checked = new WeakMap<NatsLine, Promise<JetStreamManager>>();

  async function check({ client }: NatsLine): Promise<JetStreamManager> {
    const manager = await jetstreamManager(client, { checkAPI: false, timeout: REQUEST_MS });
    for (const wanted of settingsOf(channel, limits)) await ensureStream(manager, wanted);
    for (const name of channel.durables) await ensure(manager, name);
    return manager;
  }

  async function ensure(manager: JetStreamManager, name: string): Promise<void> {
    await ensureConsumer(manager, { stream: channel.stream, wanted: durableOf(name, limits) });
  }

  function ready(line: NatsLine): Promise<JetStreamManager> {
    const known = checked.get(line);
    if (known !== undefined) return known;
    const checking = check(line);
    checked.set(line, checking);
    checking.catch(() => checked.delete(line));
    return checking;
  }

  return {
    ready,
    ensureDurable: async (line, name) => ensure(await ready(line), name),
    doubt: (line) => {
      checked.delete(line);
    },
  };
}

function settingsOf(channel: NatsChannel<never>, limits: NatsLimits): readonly Settings[] {
  const kept = {
    storage: StorageType.File,
    retention: RetentionPolicy.Limits,
    num_replicas: limits.replicas,
    max_age: 0,
    max_msgs: -1,
    max_msgs_per_subject: -1,
  };
  return [
    {
      ...kept,
      name: channel.stream,
      subjects: [`${channel.subject}.>`],
      discard: DiscardPolicy.New,
      max_bytes: limits.maxBytes,
      duplicate_window: nanos(limits.duplicateWindowMs),
    },
    {
      ...kept,
      name: DEAD_STREAM,
      subjects: [`${DEAD_SUBJECT}.>`],
      discard: DiscardPolicy.Old,
      max_bytes: DEAD_BYTES,
    },
  ];
}

function durableOf(name: string, { ackWaitMs }: NatsLimits): Partial<ConsumerConfig> {
  return {
    durable_name: name,
    ack_policy: AckPolicy.Explicit,
    deliver_policy: DeliverPolicy.All,
    ack_wait: nanos(ackWaitMs),
    max_ack_pending: MESSAGES_HELD_BY_ALL,
  };
}

async function ensureStream(manager: JetStreamManager, wanted: Settings): Promise<void> {
  const found = await orNull(manager.streams.info(wanted.name), JetStreamApiCodes.StreamNotFound);
  if (found === null) {
    await manager.streams.add(wanted);
    return;
  }
  const { max_bytes, duplicate_window, ...fixed } = wanted;
  refuseOther(`stream ${wanted.name}`, { found: found.config, wanted: fixed });
  if (found.config.max_bytes < 0) {
    throw new NatsSettingError(
      `stream ${wanted.name}: max_bytes is unlimited, wanted ${max_bytes}`,
    );
  }
  const raised = {
    max_bytes: Math.max(max_bytes, found.config.max_bytes),
    duplicate_window: Math.max(duplicate_window ?? 0, found.config.duplicate_window),
  };
  if (differing(found.config, raised).length > 0) await manager.streams.update(wanted.name, raised);
}

async function ensureConsumer(
  manager: JetStreamManager,
  { stream, wanted }: { stream: string; wanted: Partial<ConsumerConfig> },
): Promise<void> {
  const name = wanted.durable_name ?? '';
  const found = await orNull(
    manager.consumers.info(stream, name),
    JetStreamApiCodes.ConsumerNotFound,
  );
  if (found === null) {
    await manager.consumers.add(stream, wanted);
    return;
  }
  const { ack_wait = 0, max_ack_pending = 0, ...fixed } = wanted;
  refuseOther(`consumer ${stream}/${name}`, { found: found.config, wanted: fixed });
  if (differing(found.config, { ack_wait, max_ack_pending }).length > 0) {
    await manager.consumers.update(stream, name, { ack_wait, max_ack_pending });
  }
}

type Compared = Readonly<Record<string, unknown>>;

function differing(found: object, wanted: Compared): readonly string[] {
  const settings = new Map<string, unknown>(Object.entries(found));
  return Object.keys(wanted).filter(
    (key) => JSON.stringify(settings.get(key)) !== JSON.stringify(wanted[key]),
  );
}

function refuseOther(what: string, { found, wanted }: { found: object; wanted: Compared }): void {
  const settings = new Map<string, unknown>(Object.entries(found));
  const faults = differing(found, wanted).map(
    (key) =>
      `${key} is ${JSON.stringify(settings.get(key))}, wanted ${JSON.stringify(wanted[key])}`,
  );
  if (faults.length > 0) throw new NatsSettingError(`${what}: ${faults.join('; ')}`);
}

async function orNull<Value>(asked: Promise<Value>, notFound: number): Promise<Value | null> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === notFound) return null;
    throw error;
  }
}
