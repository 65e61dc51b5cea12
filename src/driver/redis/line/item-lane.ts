/**
 * A lane per item, in which tasks run one after another: a node does not compete with itself.
 *
 * Order is kept. A caller is refused at once when too many wait, and a caller that has waited too
 * long is refused when its turn comes, without running: bids on a hot item are answered late, but
 * not much later than that.
 */
import type { Clock } from '../../../core/clock.ts';
import { NotDecidedError } from '../../../live/port/item-book.ts';
import type { QueueLimit } from './call-queue.ts';

/** `waiting` counts the callers of all items. */
export type LaneLimit = Pick<QueueLimit, 'waiting' | 'longestMs'>;

export type ItemLanes = <Result>(itemId: string, work: () => Promise<Result>) => Promise<Result>;

export function createItemLanes(
  { waiting: mostWaiting, longestMs }: LaneLimit,
  clock: Clock,
): ItemLanes {
  const last = new Map<string, Promise<unknown>>();
  let waiting = 0;

  return <Result>(itemId: string, work: () => Promise<Result>): Promise<Result> => {
    if (waiting >= mostWaiting) return refuse('too many bids wait for the book');
    waiting += 1;
    const cameAtMs = clock.elapsedMs();
    const begin = () => {
      waiting -= 1;
      return clock.elapsedMs() - cameAtMs > longestMs
        ? refuse<Result>('the bid has waited too long for the book')
        : work();
    };
    const result = (last.get(itemId) ?? Promise.resolve()).then(begin, begin);
    last.set(itemId, result);
    const leave = () => {
      if (last.get(itemId) === result) last.delete(itemId);
    };
    result.then(leave, leave);
    return result;
  };
}

function refuse<Result>(why: string): Promise<Result> {
  return Promise.reject(new NotDecidedError(why));
}
