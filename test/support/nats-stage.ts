/** Buses of one channel on a NATS server: each with its own connection, like separate processes. */
import { JetStreamApiError, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { openNatsBus } from '../../src/driver/nats/bus.ts';
import {
  type NatsConnection,
  type NatsTime,
  openNats,
} from '../../src/driver/nats/line/connection.ts';
import {
  BID_CHANNEL,
  type NatsChannel,
  type NatsLimits,
} from '../../src/driver/nats/stream/channel.ts';
import type { Bus } from '../../src/flow/bus.ts';
import type { ItemEvent } from '../../src/live/rule/item.ts';
import { type ManualTime, untilTurned } from './manual-timers.ts';
import { SYSTEM_TIME } from './system-time.ts';

export type NatsProcess = AsyncDisposable & {
  readonly connection: NatsConnection;
  readonly bus: Bus<ItemEvent>;
  readonly errors: unknown[];
};

let channels = 0;

export function newChannel(durables: readonly string[] = []): NatsChannel<ItemEvent> {
  channels += 1;
  const stream = `STAGE${process.pid}x${channels}`;
  return { ...BID_CHANNEL, stream, subject: stream.toLowerCase(), durables };
}

/** Limits for the test, and manual time where it needs that. */
type StageOptions = Partial<NatsLimits> & { readonly time?: NatsTime };

/** Not waited for: the server may be away. */
export function openNatsProcess(
  url: string,
  channel: NatsChannel<ItemEvent>,
  { time: { clock, timers } = SYSTEM_TIME, ...limits }: StageOptions = {},
): NatsProcess {
  const errors: unknown[] = [];
  const onError = (error: unknown) => errors.push(error);
  const connection = openNats({ urls: [url], name: 'stage' }, { clock, timers, onError });
  const wanted = { maxBytes: 16 * 1024 * 1024, ackWaitMs: 1_000, ...limits };
  const bus = openNatsBus(connection, channel, { ...wanted, onError });
  return {
    connection,
    bus,
    errors,
    async [Symbol.asyncDispose]() {
      await bus[Symbol.asyncDispose]();
      await connection[Symbol.asyncDispose]();
    },
  };
}

export async function openNatsStage(
  url: string,
  { durables = [], ...options }: StageOptions & { readonly durables?: readonly string[] } = {},
) {
  const channel = newChannel(durables);
  const process = openNatsProcess(url, channel, options);
  await process.connection.whenUp();
  return { ...process, channel };
}

/** The view and tools of an operator, bypassing the driver. */
export async function openNatsDesk(url: string) {
  const client = await connect({ servers: url });
  const manager = await jetstreamManager(client);
  return { client, manager, [Symbol.asyncDispose]: () => client.close() };
}

type Desk = Awaited<ReturnType<typeof openNatsDesk>>;

/**
 * Advances the time until a trimmer has completed a look at a stream: it starts a look by reading
 * the durable names, and starts none before the last one is over.
 */
export async function untilTrimmed(
  { client }: Desk,
  stream: string,
  time: ManualTime,
): Promise<void> {
  const asked = client.subscribe(`$JS.API.CONSUMER.LIST.${stream}`, { callback: () => undefined });
  await client.flush();
  await untilTurned(time, 'it has looked', async () => asked.getReceived() >= 2);
  asked.unsubscribe();
}

/** Collects events, and resolves when it has `count` different ones. */
export function collector(count: number) {
  const seen: ItemEvent[] = [];
  const ids = new Set<string>();
  const { promise: done, resolve } = Promise.withResolvers<void>();
  const handler = (events: readonly ItemEvent[]) => {
    for (const event of events) {
      seen.push(event);
      ids.add(event.eventId);
    }
    if (ids.size >= count) resolve();
  };
  /** In the order in which each came first. */
  const firstSeen = () => Array.from(new Map(seen.map((event) => [event.eventId, event])).values());
  return { seen, firstSeen, handler, done };
}

/** The error of a rejected promise; fails when it resolves. */
export async function rejection(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('it was not rejected');
}

export function codeOf(error: Error): number | null {
  return error instanceof JetStreamApiError ? error.code : null;
}
