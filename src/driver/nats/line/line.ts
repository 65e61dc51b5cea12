/** The connection to NATS between two interruptions, and the callers that wait for the next one. */
import type { NatsConnection as NatsClient } from '@nats-io/transport-node';
import { present } from '../../../core/assert.ts';

export class NatsDownError extends Error {
  override readonly name = 'NatsDownError';
}

export type NatsLine = {
  readonly client: NatsClient;
  /** Resolves when it is lost. */
  readonly broken: Promise<void>;
};

export type NatsLines = {
  isUp(): boolean;
  /** Throws `NatsDownError` when there is none. */
  line(): NatsLine;
  /** Waits for a line; null when the connection is closed for good. */
  whenUp(): Promise<NatsLine | null>;
  /**
   * Calls the listener with each new line and the current one. @returns a function that ends it.
   */
  onUp(listener: (line: NatsLine) => void): () => void;
};

/** The side of the connection's owner. */
export type NatsLineKeeper = NatsLines & {
  /** Replaces the current line. */
  rise(client: NatsClient): void;
  fall(): void;
  /** There will be no other line. */
  close(): void;
  readonly closed: Promise<void>;
};

export function createLineKeeper(): NatsLineKeeper {
  const listeners = new Set<(line: NatsLine) => void>();
  const { promise: closed, resolve: close } = Promise.withResolvers<void>();
  let current: { readonly line: NatsLine; readonly lose: () => void } | null = null;

  function fall(): void {
    const fallen = current;
    current = null;
    fallen?.lose();
  }

  function onUp(listener: (line: NatsLine) => void): () => void {
    listeners.add(listener);
    if (current !== null) listener(current.line);
    return () => {
      listeners.delete(listener);
    };
  }

  return {
    closed,
    isUp: () => current !== null,
    line() {
      if (current === null) throw new NatsDownError('NATS is down');
      return current.line;
    },
    async whenUp() {
      if (current !== null) return current.line;
      const { promise, resolve } = Promise.withResolvers<NatsLine>();
      const stop = onUp(resolve);
      const line = await Promise.race([promise, closed]);
      stop();
      return line ?? null;
    },
    onUp,
    rise(client) {
      fall();
      const { promise: broken, resolve: lose } = Promise.withResolvers<void>();
      const line = { client, broken };
      current = { line, lose };
      for (const listener of listeners) listener(line);
    },
    fall,
    close() {
      close();
      fall();
    },
  };
}

/** The largest message, headers included, in bytes. */
export function maxPayloadOf({ client }: NatsLine): number {
  return present(client.info, 'what the server said of itself').max_payload;
}
