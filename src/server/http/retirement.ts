/**
 * How a server takes leave of keep-alive clients: once it has begun, each answer closes its connection,
 * and the server goes on accepting until requests have ceased for a moment. A client that honours
 * `Connection: close` so never meets a connection that was cut under its request.
 */
import type { Timers } from '../../core/timer.ts';

/** No request for so long: the connections that are left are idle. */
const QUIET_MS = 250;
/** Clients that ignore the header do not hold up a stop. */
const LONGEST_MS = 2_000;

export type Retirement = {
  begin(): void;
  /** Marks an answer that leaves; undefined when the connection has become a WebSocket. */
  seen<Reply extends Response | undefined>(reply: Reply): Reply;
  /** Resolves when requests have ceased; after `mostMs` at the latest. */
  quiet(mostMs: number): Promise<void>;
};

export function createRetirement(timers: Timers): Retirement {
  let hasBegun = false;
  let onSeen = () => {};
  return {
    begin() {
      hasBegun = true;
    },
    seen(reply) {
      if (!hasBegun) return reply;
      reply?.headers.set('connection', 'close');
      onSeen();
      return reply;
    },
    async quiet(mostMs) {
      if (mostMs === 0) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      const arm = () => timers.after(Math.min(QUIET_MS, mostMs), resolve);
      let callOffQuiet = arm();
      onSeen = () => {
        callOffQuiet();
        callOffQuiet = arm();
      };
      const callOffMost = timers.after(Math.min(mostMs, LONGEST_MS), resolve);
      await promise;
      onSeen = () => {};
      callOffQuiet();
      callOffMost();
    },
  };
}
