/**
 * The line to NATS, kept for ever: it is opened when the server comes, and opened anew when it is lost.
 *
 * Opening and waiting never fail because the server is away, and nothing is kept for later: who asks
 * for the line while there is none gets `NatsDownError` at once. A server that does not answer any
 * more (stopped, or behind a dead network) is noticed after two to three seconds.
 */
import {
  connect,
  type NatsConnection as NatsClient,
  type NodeConnectionOptions,
} from '@nats-io/transport-node';

const RETRY_MS = 250;
const RETRY_JITTER_MS = 100;
const HANDSHAKE_MS = 2_000;
const PING_MS = 1_000;
const PINGS_UNANSWERED = 2;
/** Of a server that does not say it. */
const MAX_PAYLOAD = 1024 * 1024;

export class NatsDownError extends Error {
  override readonly name = 'NatsDownError';
}

export type NatsPlace = {
  /** `nats://host:4222`, also with `user:password@` or `token@`; `tls://` for TLS. */
  readonly urls: readonly string[];
  /** What the server's monitoring calls this process. */
  readonly name: string;
};

/** The connection between two interruptions. */
export type NatsLine = {
  readonly client: NatsClient;
  /** Resolves when it is lost. */
  readonly broken: Promise<void>;
};

export type NatsConnection = AsyncDisposable & {
  isUp(): boolean;
  /** Throws `NatsDownError` when there is none. */
  line(): NatsLine;
  /** Waits for a line; null when the connection is closed for good. */
  whenUp(): Promise<NatsLine | null>;
  /** Is called with each new line, the present one included. @returns a function that ends it. */
  onUp(listener: (line: NatsLine) => void): () => void;
};

export type NatsOptions = {
  /** Told once an outage why the server cannot be had, and what the server complains of. */
  readonly onError: (error: unknown) => void;
};

export function openNats(place: NatsPlace, { onError }: NatsOptions): NatsConnection {
  const listeners = new Set<(line: NatsLine) => void>();
  const closing = Promise.withResolvers<void>();
  let isClosed = false;
  let client: NatsClient | null = null;
  let present: { readonly line: NatsLine; readonly fall: () => void } | null = null;

  function rise(next: NatsClient): void {
    fall();
    const { promise, resolve } = Promise.withResolvers<void>();
    const line = { client: next, broken: promise };
    present = { line, fall: resolve };
    for (const listener of listeners) listener(line);
  }

  function fall(): void {
    const fallen = present;
    present = null;
    fallen?.fall();
  }

  /** Resolves when this client is closed for good: it mends short interruptions itself. */
  async function serve(next: NatsClient): Promise<void> {
    client = next;
    if (isClosed) return await next.close();
    const statuses = next.status();
    rise(next);
    for await (const status of statuses) {
      if (status.type === 'disconnect') fall();
      else if (status.type === 'reconnect') rise(next);
      else if (status.type === 'error') onError(status.error);
    }
    fall();
  }

  async function run(): Promise<void> {
    let isTold = false;
    while (!isClosed) {
      try {
        await serve(await connect(optionsOf(place)));
        isTold = false;
      } catch (error) {
        if (!isTold) onError(new NatsDownError('NATS cannot be reached', { cause: error }));
        isTold = true;
      }
      await Promise.race([sleep(RETRY_MS), closing.promise]);
    }
  }

  function onUp(listener: (line: NatsLine) => void): () => void {
    listeners.add(listener);
    if (present !== null) listener(present.line);
    return () => {
      listeners.delete(listener);
    };
  }

  async function whenUp(): Promise<NatsLine | null> {
    if (present !== null) return present.line;
    const { promise, resolve } = Promise.withResolvers<NatsLine>();
    const stop = onUp(resolve);
    const line = await Promise.race([promise, closing.promise]);
    stop();
    return line ?? null;
  }

  const done = run();
  return {
    isUp: () => present !== null,
    line() {
      if (present === null) throw new NatsDownError('NATS is down');
      return present.line;
    },
    whenUp,
    onUp,
    async [Symbol.asyncDispose]() {
      isClosed = true;
      closing.resolve();
      fall();
      await client?.close();
      await done;
    },
  };
}

/** What a message may hold at most, headers included, in bytes. */
export function maxPayloadOf({ client }: NatsLine): number {
  return client.info?.max_payload ?? MAX_PAYLOAD;
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

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
