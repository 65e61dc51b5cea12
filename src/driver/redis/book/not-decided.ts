/** What a book or an index of Redis rejects with. */
import { NotDecidedError } from '../../../live/port/item-book.ts';
import { BucketCountError } from './bucket.ts';

/** Reports every failure of Redis as "not decided"; a fault of the set-up stays what it is. */
export async function decided<Answer>(work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof NotDecidedError || cause instanceof BucketCountError) throw cause;
    throw new NotDecidedError('Redis could not decide', { cause });
  }
}

export function outboxFull(): NotDecidedError {
  return new NotDecidedError('too many events wait for the relay');
}
