/**
 * The settings of the streams and durable names of a channel, and those that an existing one must
 * not have: settings that would lose events, hold them back, or deliver parts of them.
 *
 * A setting that is missing in the server's answer is off: it equals `false`, `''`, `[]` and 0.
 */
import {
  AckPolicy,
  type ConsumerConfig,
  DeliverPolicy,
  DiscardPolicy,
  ReplayPolicy,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import { DEAD_STREAM, DEAD_SUBJECT, type NatsChannel, type NatsLimits } from './channel.ts';

/** Messages per request. */
export const MESSAGES_HELD = 32;
/** So that a hanging subscriber does not keep another of its name from working. */
const MESSAGES_HELD_BY_ALL = 4 * MESSAGES_HELD;
const DEAD_BYTES = 64 * 1024 * 1024;

export type Compared = Readonly<Record<string, unknown>>;

export type StreamSetting = {
  readonly made: Partial<StreamConfig> & Pick<StreamConfig, 'name' | 'subjects' | 'max_bytes'>;
  readonly absent: Compared;
};

export type DurableSetting = {
  readonly made: Partial<ConsumerConfig> &
    Required<Pick<ConsumerConfig, 'durable_name' | 'ack_wait' | 'max_ack_pending'>>;
  readonly absent: Compared;
};

export class NatsSettingError extends Error {
  override readonly name = 'NatsSettingError';
}

/** Such a stream acks nothing, accepts nothing more, or acks before it has written (2.12). */
const LOSING = { no_ack: false, sealed: false, persist_mode: '' };

const PARTIAL = {
  // Delivers only some messages, or only their headers.
  headers_only: false,
  filter_subject: '',
  filter_subjects: [],
  // Expires by itself, and its position with it.
  inactive_threshold: 0,
  // Pushes instead of being pulled, or refuses requests of our size.
  deliver_subject: '',
  max_batch: 0,
  max_bytes: 0,
  max_expires: 0,
  // Would override `ack_wait`.
  backoff: [],
};

export function streamSettings(
  channel: NatsChannel<never>,
  limits: NatsLimits,
): readonly StreamSetting[] {
  const kept = {
    storage: StorageType.File,
    retention: RetentionPolicy.Limits,
    num_replicas: limits.replicas,
    max_age: 0,
    max_msgs: -1,
    max_msgs_per_subject: -1,
    max_msg_size: -1,
  };
  const events = {
    ...kept,
    name: channel.stream,
    subjects: [`${channel.subject}.>`],
    discard: DiscardPolicy.New,
    max_bytes: limits.maxBytes,
    duplicate_window: nanos(limits.duplicateWindowMs),
  };
  const dead = {
    ...kept,
    name: DEAD_STREAM,
    subjects: [`${DEAD_SUBJECT}.>`],
    discard: DiscardPolicy.Old,
    max_bytes: DEAD_BYTES,
  };
  return [
    // Trimming deletes messages one by one and never purges: `deny_purge` does no harm.
    { made: events, absent: { ...LOSING, deny_delete: false } },
    { made: dead, absent: LOSING },
  ];
}

export function durableSetting(name: string, { ackWaitMs }: NatsLimits): DurableSetting {
  const made = {
    durable_name: name,
    ack_policy: AckPolicy.Explicit,
    deliver_policy: DeliverPolicy.All,
    replay_policy: ReplayPolicy.Instant,
    max_deliver: -1,
    ack_wait: nanos(ackWaitMs),
    max_ack_pending: MESSAGES_HELD_BY_ALL,
  };
  return { made, absent: PARTIAL };
}

/** The names of the wrong settings. */
export function differing(found: object, wanted: Compared): readonly string[] {
  const settings = new Map<string, unknown>(Object.entries(found));
  return Object.keys(wanted).filter((key) => textOf(settings.get(key)) !== textOf(wanted[key]));
}

/** @throws NatsSettingError that names each wrong setting with its value and the wanted one */
export function refuseOther(
  what: string,
  { found, wanted }: { found: object; wanted: Compared },
): void {
  const settings = new Map<string, unknown>(Object.entries(found));
  const faults = differing(found, wanted).map(
    (key) =>
      `${key} is ${JSON.stringify(settings.get(key))}, wanted ${JSON.stringify(wanted[key])}`,
  );
  if (faults.length > 0) throw new NatsSettingError(`${what}: ${faults.join('; ')}`);
}

const NOTHING = 'nothing';

function textOf(value: unknown): string {
  if (value === undefined || value === null) return NOTHING;
  if (value === false || value === '' || value === 0) return NOTHING;
  if (Array.isArray(value) && value.length === 0) return NOTHING;
  return JSON.stringify(value);
}
