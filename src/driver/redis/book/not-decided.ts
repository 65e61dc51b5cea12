/** Tells every failure of Redis as "not decided"; a fault of the set-up stays what it is. */
import { NotDecidedError } from '../../../live/port/item-book.ts';
import { BucketCountError } from './bucket.ts';

export async function decided<Answer>(work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof NotDecidedError || cause instanceof BucketCountError) throw cause;
    throw new NotDecidedError('Redis could not decide', { cause });
  }
}
