/**
 * The line to NATS, kept up: it opens when the server comes up, and reopens when it is lost.
 *
 * Opening and waiting never fail because the server is away, and nothing is queued: a caller that
 * needs the line while there is none gets `NatsDownError` at once. A server that stops answering
 * (frozen, or behind a dead network) is noticed after two to three seconds.
 */
import {
  connect,
  type NatsConnection as NatsClient,
  type NodeConnectionOptions,
} from '@nats-io/transport-node';
import { createBackoff } from '../../../core/backoff.ts';
import type { Clock } from '../../../core/clock.ts';
import { sleep, type Timers } from '../../../core/timer.ts';
import { createLineKeeper, NatsDownError, type NatsLineKeeper, type NatsLines } from './line.ts';

const RETRY_MS = 250;
const RETRY = { firstMs: 50, longestMs: RETRY_MS };
const RETRY_JITTER_MS = 100;
const HANDSHAKE_MS = 2_000;
const PING_MS = 1_000;
const PINGS_UNANSWERED = 2;

export type NatsPlace = {
  /** `nats://host:4222`, also with `user:password@` or `token@`; `tls://` for TLS. */
  readonly urls: readonly string[];
  /** The name of this process in the server's monitoring. */
  readonly name: string;
};

export type NatsTime = { readonly clock: Clock; readonly timers: Timers };

export type NatsConnection = AsyncDisposable & NatsLines & NatsTime;

export type NatsOptions = NatsTime & {
  /** Called once per outage with its reason, and with errors that the server reports. */
  readonly onError: (error: unknown) => void;
};

export function openNats(place: NatsPlace, options: NatsOptions): NatsConnection {
  const { clock, timers } = options;
  const lines = createLineKeeper();
  const clients = createClients(lines, options);
  const done = keepConnected({ place, options, lines, clients });
  return {
    clock,
    timers,
    isUp: lines.isUp,
    line: lines.line,
    whenUp: lines.whenUp,
    onUp: lines.onUp,
    async [Symbol.asyncDispose]() {
      lines.close();
      await clients.close();
      await done;
    },
  };
}

type Clients = {
  isClosed(): boolean;
  /** Resolves when this client is closed for good: it repairs short interruptions itself. */
  serve(next: NatsClient): Promise<void>;
  close(): Promise<void>;
};

function createClients(lines: NatsLineKeeper, { onError }: NatsOptions): Clients {
  let isClosed = false;
  let client: NatsClient | null = null;
  return {
    isClosed: () => isClosed,
    async serve(next) {
      client = next;
      if (isClosed) return await next.close();
      const statuses = next.status();
      lines.rise(next);
      for await (const status of statuses) {
        if (status.type === 'disconnect') lines.fall();
        else if (status.type === 'reconnect') lines.rise(next);
        else if (status.type === 'error') onError(status.error);
      }
      lines.fall();
    },
    async close() {
      isClosed = true;
      await client?.close();
    },
  };
}

type Keeping = {
  readonly place: NatsPlace;
  readonly options: NatsOptions;
  readonly lines: NatsLineKeeper;
  readonly clients: Clients;
};

async function keepConnected({ place, options, lines, clients }: Keeping): Promise<void> {
  const { timers, onError } = options;
  const backoff = createBackoff(RETRY);
  let isReported = false;
  while (!clients.isClosed()) {
    try {
      await clients.serve(await connect(optionsOf(place)));
      isReported = false;
      backoff.reset();
    } catch (error) {
      if (!isReported) onError(new NatsDownError('NATS cannot be reached', { cause: error }));
      isReported = true;
    }
    await Promise.race([sleep(timers, backoff.nextMs()), lines.closed]);
  }
}

function optionsOf({ urls, name }: NatsPlace): NodeConnectionOptions {
  const parsed = urls.map((url) => new URL(url.includes('://') ? url : `nats://${url}`));
  const [first] = parsed;
  return {
    ...(first === undefined ? {} : credentialsOf(first)),
    ...(parsed.some(({ protocol }) => protocol === 'tls:') ? { tls: {} } : {}),
    servers: parsed.map(({ host }) => host),
    name,
    timeout: HANDSHAKE_MS,
    pingInterval: PING_MS,
    maxPingOut: PINGS_UNANSWERED,
    maxReconnectAttempts: -1,
    reconnectTimeWait: RETRY_MS,
    reconnectJitter: RETRY_JITTER_MS,
    ignoreAuthErrorAbort: true,
  };
}

function credentialsOf({ username, password }: URL): {
  user?: string;
  pass?: string;
  token?: string;
} {
  if (username === '') return {};
  if (password === '') return { token: decodeURIComponent(username) };
  return { user: decodeURIComponent(username), pass: decodeURIComponent(password) };
}
