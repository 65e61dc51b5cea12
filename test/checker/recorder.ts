/**
 * Records calls for the checker: when each began, when it was answered, and how.
 *
 * A call that is still under way when the record is taken, or one that failed, counts as unknown:
 * it may still take effect. Times are from the given clock; calls from several processes need one
 * clock.
 */
import type { Clock } from '../../src/core/clock.ts';
import type {
  BidAnswer,
  BidOperation,
  BidParameters,
  Operation,
  ReadAnswer,
  ReadOperation,
} from './history.ts';

export type Recorder = {
  /** Passes the call's answer on. A call that rejects is kept as unknown, and rejects here too. */
  bid<A extends BidAnswer>(parameters: BidParameters, call: () => Promise<A>): Promise<A>;
  read<A extends ReadAnswer>(call: () => Promise<A>): Promise<A>;
  /** All calls so far, in the order in which they began. */
  operations(): Operation[];
};

const UNKNOWN: BidAnswer = { kind: 'unknown' };

export function createRecorder(clock: Pick<Clock, 'elapsedMs'>): Recorder {
  const operations: Operation[] = [];

  function begin(operation: Operation): (answered: Operation) => void {
    const place = operations.push(operation) - 1;
    return (answered) => {
      operations[place] = answered;
    };
  }

  return {
    async bid(parameters, call) {
      const invokedMs = clock.elapsedMs();
      const head = { ...parameters, kind: 'bid', invokedMs } as const;
      const pending: BidOperation = { ...head, respondedMs: null, answer: UNKNOWN };
      const end = begin(pending);
      const answer = await call();
      if (answer.kind !== 'unknown') end({ ...head, respondedMs: clock.elapsedMs(), answer });
      return answer;
    },
    async read(call) {
      const invokedMs = clock.elapsedMs();
      const pending: ReadOperation = { kind: 'read', invokedMs, respondedMs: null, answer: null };
      const end = begin(pending);
      const answer = await call();
      end({ kind: 'read', invokedMs, respondedMs: clock.elapsedMs(), answer });
      return answer;
    },
    operations: () => operations.slice(),
  };
}
