/**
 * The lineage of a book, and its branches: an item whose file came back older than what others have seen
 * goes on in a new epoch, whose history begins with what the book still knows of the one before.
 */
import type { Database } from 'bun:sqlite';
import type { ItemState } from '../../../live/rule/item.ts';
import { type LastEvent, lineageRow } from './follower-lineage.ts';

export const BRANCH_TABLES = [
  `create table if not exists epoch_branch (
    item_id text not null,
    epoch text not null,
    parent_epoch text not null,
    parent_seq integer not null,
    primary key (item_id, epoch)
  ) without rowid`,
];

/** Where an epoch begins: the events up to `seq` are those of the epoch before. */
export type Branch = { readonly epoch: string; readonly seq: number };

export type BookLineage = {
  id(): string | null;
  give(id: string): void;
  isEmpty(): boolean;
  /** Whether the book has made this event, or has left its epoch behind. */
  knows(event: LastEvent): boolean;
  /** Puts every item into a new epoch at its present seq. No item may be held in memory. */
  beginEpoch(epoch: string): void;
  /** Null for an epoch that began with its item. */
  branchOf(itemId: string, epoch: string): Branch | null;
};

export function createBookLineage(database: Database): BookLineage {
  const anyItem = database.query('select 1 from item limit 1');
  const stateOf = database.query<{ state: string }, [string]>(
    'select state from item where id = ?1',
  );
  const leftBehind = database.query<unknown, [string, string]>(
    'select 1 from epoch_branch where item_id = ?1 and parent_epoch = ?2',
  );
  const branchOf = database.query<Branch, [string, string]>(
    `select parent_epoch as epoch, parent_seq as seq from epoch_branch
     where item_id = ?1 and epoch = ?2`,
  );

  function hasMade({ itemId, epoch, seq }: LastEvent): boolean {
    const row = stateOf.get(itemId);
    if (row === null) return false;
    const state = JSON.parse(row.state) as ItemState;
    return state.epoch === epoch && state.seq >= seq;
  }

  const beginEpoch = database.transaction((epoch: string) => {
    database
      .query(
        `insert into epoch_branch (item_id, epoch, parent_epoch, parent_seq)
         select id, ?1, json_extract(state, '$.epoch'), json_extract(state, '$.seq') from item
         where json_extract(state, '$.seq') > 0`,
      )
      .run(epoch);
    database.query(`update item set state = json_set(state, '$.epoch', ?1)`).run(epoch);
  });

  return {
    ...lineageRow(database),
    isEmpty: () => anyItem.get() === null,
    knows: (event) => hasMade(event) || leftBehind.get(event.itemId, event.epoch) !== null,
    beginEpoch: (epoch) => beginEpoch.immediate(epoch),
    branchOf: (itemId, epoch) => branchOf.get(itemId, epoch),
  };
}
