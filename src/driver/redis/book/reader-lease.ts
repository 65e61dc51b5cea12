/** The lease of the one reader: prolonged while it is held, so that only the dead lose it. */
import type { RedisConnection } from '../line/connection.ts';
import leaseText from '../script/lease.lua' with { type: 'text' };
import { createScript } from '../script/script.ts';

const LEASE = createScript(leaseText);

export const LEASE_MS = 5_000;
const RENEW_MS = 1_500;

export type ReaderLease = {
  /** It was taken: prolongs it from now on. */
  hold(): void;
  /** It is somebody else's. */
  lose(): void;
  giveUp(): Promise<void>;
};

export function createReaderLease(
  connection: RedisConnection,
  key: string,
  readerId: string,
): ReaderLease {
  let renewal: ReturnType<typeof setInterval> | undefined;

  const extend = (ms: number) => connection.run(LEASE, [key], [readerId, ms]);

  function lose(): void {
    clearInterval(renewal);
    renewal = undefined;
  }

  return {
    hold: () => {
      // One that fails is followed by another before the lease is over.
      renewal ??= setInterval(() => void extend(LEASE_MS).catch(() => {}), RENEW_MS);
      renewal.unref();
    },
    lose,
    giveUp: async () => {
      if (renewal === undefined) return;
      lose();
      // Without Redis it ends by itself.
      await extend(0).catch(() => {});
    },
  };
}
