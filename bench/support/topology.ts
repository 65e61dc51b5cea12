/** What the experiments need of a running topology, whatever it is made of. */
import type { ItemEvent } from '../../src/live/rule/item.ts';
import type { Part } from './fault.ts';

export type Topology = AsyncDisposable & {
  /** Of the entry: HTTP and sockets. */
  readonly url: string;
  part(name: string): Part;
  /** The rows that the archive's database has of an item, asked in SQL, whatever their number. */
  archiveRows(itemId: string): Promise<ItemEvent[]>;
};
