/** The lease of the one reader: prolonged while it is held, so that only the dead lose it. */
import { every } from '../../../core/timer.ts';
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
  connection: Pick<RedisConnection, 'run' | 'timers'>,
  key: string,
  readerId: string,
): ReaderLease {
  let stopRenewing: (() => void) | undefined;

  const extend = (ms: number) => connection.run(LEASE, [key], [readerId, ms]);

  function lose(): void {
    stopRenewing?.();
    stopRenewing = undefined;
  }

  return {
    hold: () => {
      // One that fails is followed by another before the lease is over.
      const renew = () => void extend(LEASE_MS).catch(() => {});
      stopRenewing ??= every(connection.timers, RENEW_MS, renew);
    },
    lose,
    giveUp: async () => {
      if (stopRenewing === undefined) return;
      lose();
      // Without Redis it ends by itself.
      await extend(0).catch(() => {});
    },
  };
}
