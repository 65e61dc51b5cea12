/**
 * The item index in SQLite: queries on the rows that the book has committed.
 *
 * A fault of the file or its disk rejects with `NotDecidedError`: what the book decided cannot be
 * read.
 */
import type { Database } from 'bun:sqlite';
import type { Clock } from '../../core/clock.ts';
import { NotDecidedError } from '../../live/port/item-book.ts';
import type { ItemIndex } from '../../live/port/item-index.ts';
import type { ItemState } from '../../live/rule/item.ts';
import { wrapFaults } from './file/database.ts';

type StateRow = { readonly state: string };

export function createSqliteItemIndex(database: Database, clock: Clock): ItemIndex {
  const listAll = database.query<StateRow, [string, number]>(
    'select state from item where id > ?1 order by id limit ?2',
  );
  const listEnded = database.query<StateRow, [string, number]>(
    `select state from item where status = 'ended' and id > ?1 order by id limit ?2`,
  );
  // An item that has opened by the clock is active, though nothing has been decided of it since.
  const listActive = database.query<StateRow, [string, number, number]>(
    `select state from item where status <> 'ended' and id > ?1
     and (status = 'active' or json_extract(state, '$.opensAtMs') <= ?3) order by id limit ?2`,
  );
  const listScheduled = database.query<StateRow, [string, number, number]>(
    `select state from item where status = 'scheduled' and id > ?1
     and json_extract(state, '$.opensAtMs') > ?3 order by id limit ?2`,
  );
  const due = database.query<{ id: string }, [number, number]>(
    `select id from item where status <> 'ended' and ends_at_ms <= ?1
     order by ends_at_ms, id limit ?2`,
  );
  const nextDue = database.query<{ ends_at_ms: number }, []>(
    `select ends_at_ms from item where status <> 'ended' and ends_at_ms is not null
     order by ends_at_ms limit 1`,
  );

  return {
    list: async ({ status, afterItemId, limit }) => {
      const after = afterItemId ?? '';
      const lists = {
        scheduled: () => listScheduled.all(after, limit, clock.nowMs()),
        active: () => listActive.all(after, limit, clock.nowMs()),
        ended: () => listEnded.all(after, limit),
      };
      const rows = wrapFaults(
        () => (status === null ? listAll.all(after, limit) : lists[status]()),
        (cause) => new NotDecidedError('the book cannot read its file', { cause }),
      );
      return rows.map(({ state }) => JSON.parse(state) as ItemState);
    },
    due: async (nowMs, limit) => due.all(nowMs, limit).map(({ id }) => id),
    nextDueMs: async () => nextDue.get()?.ends_at_ms ?? null,
  };
}
