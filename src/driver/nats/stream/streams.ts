/**
 * The streams and durable names of a channel: created when absent, checked when present.
 *
 * A stream keeps everything (`limits` without an age) and only `trimmer.ts` trims it; a full one
 * refuses new messages. Retention by interest would trim by itself, but a stream that has no
 * durable name for a moment, or whose durable name is deleted by hand, silently deletes unacked
 * messages (seen on 2.9.10).
 *
 * An existing stream or durable name with a setting that loses events or holds them back is an
 * error that names the setting (`setting.ts`), and nothing is published or consumed meanwhile.
 * `max_bytes` and `duplicate_window` are raised when they are too low, and left when they are
 * higher: lowering `max_bytes` deletes the oldest messages at once, also in a stream that discards
 * new ones (2.9.10).
 */
import {
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamManager,
  jetstreamManager,
} from '@nats-io/jetstream';
import type { NatsLine } from '../line/line.ts';
import type { NatsChannel, NatsLimits } from './channel.ts';
import {
  type DurableSetting,
  differing,
  durableSetting,
  NatsSettingError,
  refuseOther,
  type StreamSetting,
  streamSettings,
} from './setting.ts';

const REQUEST_MS = 2_000;

export type Streams = {
  /** Resolves when the streams and the channel's durable names exist; checked once per line. */
  ready(line: NatsLine): Promise<JetStreamManager>;
  ensureDurable(line: NatsLine, name: string): Promise<void>;
  /** Makes the next `ready` check again. */
  doubt(line: NatsLine): void;
  /** Whether the last check found a wrong setting. */
  areRefused(): boolean;
};

export function createStreams(channel: NatsChannel<never>, limits: NatsLimits): Streams {
  const checked = new WeakMap<NatsLine, Promise<JetStreamManager>>();
  let areRefused = false;

  async function check({ client }: NatsLine): Promise<JetStreamManager> {
    const manager = await jetstreamManager(client, { checkAPI: false, timeout: REQUEST_MS });
    for (const setting of streamSettings(channel, limits)) await ensureStream(manager, setting);
    for (const name of channel.durables) await ensure(manager, name);
    return manager;
  }

  async function ensure(manager: JetStreamManager, name: string): Promise<void> {
    const setting = durableSetting(name, limits);
    await ensureConsumer(manager, { stream: channel.stream, ...setting });
  }

  function ready(line: NatsLine): Promise<JetStreamManager> {
    const known = checked.get(line);
    if (known !== undefined) return known;
    const checking = check(line);
    checked.set(line, checking);
    checking.then(
      () => {
        areRefused = false;
      },
      (error) => {
        if (error instanceof NatsSettingError) areRefused = true;
        checked.delete(line);
      },
    );
    return checking;
  }

  return {
    ready,
    ensureDurable: async (line, name) => ensure(await ready(line), name),
    doubt: (line) => {
      checked.delete(line);
    },
    areRefused: () => areRefused,
  };
}

async function ensureStream(
  manager: JetStreamManager,
  { made, absent }: StreamSetting,
): Promise<void> {
  const found = await orNull(manager.streams.info(made.name), JetStreamApiCodes.StreamNotFound);
  if (found === null) {
    await manager.streams.add(made);
    return;
  }
  const { max_bytes, duplicate_window, ...fixed } = made;
  refuseOther(`stream ${made.name}`, { found: found.config, wanted: { ...fixed, ...absent } });
  if (found.config.max_bytes < 0) {
    throw new NatsSettingError(`stream ${made.name}: max_bytes is unlimited, wanted ${max_bytes}`);
  }
  const raised = {
    max_bytes: Math.max(max_bytes, found.config.max_bytes),
    duplicate_window: Math.max(duplicate_window ?? 0, found.config.duplicate_window),
  };
  if (differing(found.config, raised).length > 0) await manager.streams.update(made.name, raised);
}

async function ensureConsumer(
  manager: JetStreamManager,
  { stream, made, absent }: DurableSetting & { readonly stream: string },
): Promise<void> {
  const name = made.durable_name;
  const found = await orNull(
    manager.consumers.info(stream, name),
    JetStreamApiCodes.ConsumerNotFound,
  );
  if (found === null) {
    await manager.consumers.add(stream, made);
    return;
  }
  const { ack_wait, max_ack_pending, ...fixed } = made;
  const wanted = { ...fixed, ...absent };
  refuseOther(`consumer ${stream}/${name}`, { found: found.config, wanted });
  if (differing(found.config, { ack_wait, max_ack_pending }).length > 0) {
    await manager.consumers.update(stream, name, { ack_wait, max_ack_pending });
  }
}

async function orNull<Value>(asked: Promise<Value>, notFound: number): Promise<Value | null> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === notFound) return null;
    throw error;
  }
}
