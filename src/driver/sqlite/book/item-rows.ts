/** The rows of items, and of the answers that an idempotency key gives again. */
import type { Database } from 'bun:sqlite';
import { IDEMPOTENCY_KEPT_MS, type PlaceAnswer } from '../../../live/port/item-book.ts';
import type { ItemState } from '../../../live/rule/item.ts';

export const ITEM_TABLES = [
  `create table if not exists item (
    id text primary key,
    status text not null,
    ends_at_ms integer,
    state text not null
  ) without rowid`,
  'create index if not exists item_status on item (status, id)',
  `create index if not exists item_due on item (ends_at_ms, id)
   where status <> 'ended' and ends_at_ms is not null`,
  // Its key rises with time, so the oldest are found without another index.
  `create table if not exists idempotency (
    position integer primary key,
    item_id text not null,
    user_id text not null,
    key text not null,
    parameters text not null,
    answer text not null,
    at_ms integer not null
  )`,
  `create unique index if not exists idempotency_key on idempotency (item_id, user_id, key)`,
];

export type KeyedAnswer = { readonly parameters: string; readonly answer: PlaceAnswer };

export type AnswerKey = {
  readonly itemId: string;
  readonly userId: string;
  readonly idempotencyKey: string;
};

export type ItemRows = ReturnType<typeof createItemRows>;

export function createItemRows(database: Database) {
  const selectState = database.query<{ state: string }, [string]>(
    'select state from item where id = ?1',
  );
  const upsertState = database.query(
    `insert into item (id, status, ends_at_ms, state) values (?1, ?2, ?3, ?4)
     on conflict (id) do update set
       status = excluded.status, ends_at_ms = excluded.ends_at_ms, state = excluded.state`,
  );
  return {
    ...answerRows(database),
    find: (itemId: string): ItemState | null => {
      const row = selectState.get(itemId);
      return row === null ? null : (JSON.parse(row.state) as ItemState);
    },
    write: (state: ItemState): void => {
      upsertState.run(state.itemId, state.status, state.endsAtMs, JSON.stringify(state));
    },
  };
}

/** Rows that one keyed answer may purge: more than one, so that the old ones shrink. */
const PURGED_PER_ANSWER = 2;

function answerRows(database: Database) {
  const select = database.query<{ parameters: string; answer: string }, [string, string, string]>(
    `select parameters, answer from idempotency
     where item_id = ?1 and user_id = ?2 and key = ?3`,
  );
  const insert = database.query(
    `insert into idempotency (item_id, user_id, key, parameters, answer, at_ms)
     values (?1, ?2, ?3, ?4, ?5, ?6)`,
  );
  const purge = database.query(
    `delete from idempotency where position in (
       select position from
         (select position, at_ms from idempotency order by position limit ?1)
       where at_ms < ?2)`,
  );

  const count = database.query<{ count: number }, [string, string, number]>(
    `select count(*) as count from idempotency
     where item_id = ?1 and user_id = ?2 and at_ms >= ?3`,
  );

  return {
    /** Of one user on one item. */
    countAnswers: (itemId: string, userId: string, nowMs: number): number =>
      count.get(itemId, userId, nowMs - IDEMPOTENCY_KEPT_MS)?.count ?? 0,
    findAnswer: ({ itemId, userId, idempotencyKey }: AnswerKey): KeyedAnswer | null => {
      const row = select.get(itemId, userId, idempotencyKey);
      if (row === null) return null;
      return { parameters: row.parameters, answer: JSON.parse(row.answer) as PlaceAnswer };
    },
    addAnswer: (key: AnswerKey, { parameters, answer }: KeyedAnswer, atMs: number): void => {
      const { itemId, userId, idempotencyKey } = key;
      insert.run(itemId, userId, idempotencyKey, parameters, JSON.stringify(answer), atMs);
      purge.run(PURGED_PER_ANSWER, atMs - IDEMPOTENCY_KEPT_MS);
    },
  };
}
