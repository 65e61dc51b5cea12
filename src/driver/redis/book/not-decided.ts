/** What a book or an index of Redis rejects with. */
import { AssertionError } from '../../../core/assert.ts';
import { NotDecidedError } from '../../../live/port/item-book.ts';
import { BucketCountError } from './bucket.ts';

const PASSED = [NotDecidedError, BucketCountError, AssertionError];

/** Reports every failure of Redis as "not decided"; a fault of the set-up or of ours stays what it is. */
export async function decided<Answer>(work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work();
  } catch (cause) {
    if (PASSED.some((kind) => cause instanceof kind)) throw cause;
    throw new NotDecidedError('Redis could not decide', { cause });
  }
}

export function outboxFull(): NotDecidedError {
  return new NotDecidedError('too many events wait for the relay');
}
