/** The interface of the experiments to a running topology of any kind. */
import type { ItemEvent } from '../../src/live/rule/item.ts';
import type { Part } from './fault.ts';

export type Topology = AsyncDisposable & {
  /** Of the entry: HTTP and sockets. */
  readonly url: string;
  part(name: string): Part;
  /** All rows of an item in the archive's database, read by SQL. */
  archiveRows(itemId: string): Promise<ItemEvent[]>;
};
