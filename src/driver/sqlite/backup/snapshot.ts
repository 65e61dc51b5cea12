/**
 * Copies of SQLite files as they were at one moment, also while a server writes them.
 *
 * While the book's file is held still, for a few milliseconds, a read transaction is begun on each of the
 * others in the order given and then on the book's: what follows the book is never ahead of it. The
 * copies are then made out of those transactions, as long as that takes, and hold up nobody. Until they
 * are made the write-ahead logs grow.
 */
import { Database, SQLiteError } from 'bun:sqlite';
import { BUSY_TIMEOUT_MS } from '../file/database.ts';
import { makePrivate } from '../file/private-file.ts';

/** SQLite asks for a lock less and less often: a busy writer is met by asking anew. */
const HOLD_TRIES = 500;
const HOLD_TIMEOUT_MS = 20;

export type FileCopy = { readonly from: string; readonly to: string };

export type SnapshotWanted = {
  /** In the order in which events leave them: the bus before the archive. */
  readonly files: readonly FileCopy[];
  /** The file that is held still and read last; null when there is none. */
  readonly book: FileCopy | null;
};

/** The copies are files without a log. @throws what SQLite reports; copies may then be left behind. */
export function snapshotFiles({ files, book }: SnapshotWanted): void {
  using opened = new DisposableStack();
  const copying = [...files, ...(book === null ? [] : [book])];
  const sources = copying.map((copy) => ({ ...copy, source: opened.use(openSource(copy)) }));
  beginTogether(
    sources.map(({ source }) => source),
    book === null ? null : opened.use(openFile(book.from)),
  );
  for (const { source, to } of sources) copyTables(source, to);
}

function beginTogether(sources: readonly Database[], still: Database | null): void {
  if (still !== null) holdStill(still);
  for (const source of sources) {
    source.run('begin');
    // A transaction has its snapshot from its first read on.
    source.query('select count(*) from main.sqlite_schema').get();
  }
  still?.run('rollback');
}

function holdStill(database: Database): void {
  database.run(`PRAGMA busy_timeout = ${HOLD_TIMEOUT_MS}`);
  for (let tries = 1; ; tries++) {
    try {
      database.run('begin immediate');
      return;
    } catch (error) {
      const isBusy = error instanceof SQLiteError && error.code === 'SQLITE_BUSY';
      if (!isBusy || tries === HOLD_TRIES) throw error;
    }
  }
}

function openFile(path: string): Database {
  const database = new Database(path, { readwrite: true, create: false, strict: true });
  database.run(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
  return database;
}

/** With the copy attached, as it cannot be within a transaction. */
function openSource({ from, to }: FileCopy): Database {
  makePrivate(to);
  const database = openFile(from);
  database.query('attach ?1 as copy').run(to);
  return database;
}

type SchemaRow = { readonly type: string; readonly name: string; readonly sql: string };

function copyTables(source: Database, to: string): void {
  const schema = source
    .query<SchemaRow, []>(
      `select type, name, sql from main.sqlite_schema
       where sql is not null and name not like 'sqlite~_%' escape '~'`,
    )
    .all();
  const tables = schema.filter(({ type }) => type === 'table');
  runOn(to, tables);
  for (const { name } of tables) {
    const quoted = `"${name.replaceAll('"', '""')}"`;
    source.run(`insert into copy.${quoted} select * from main.${quoted}`);
  }
  copySequences(source);
  const version = source.query<{ user_version: number }, []>('PRAGMA main.user_version').get();
  source.run(`PRAGMA copy.user_version = ${version?.user_version ?? 0}`);
  source.run('commit');
  // After the rows: one sort instead of one search a row.
  runOn(
    to,
    schema.filter(({ type }) => type !== 'table'),
  );
}

/** The last number of each table that never uses one twice. */
function copySequences(source: Database): void {
  const has = source.query(`select 1 from main.sqlite_schema where name = 'sqlite_sequence'`).get();
  if (has === null) return;
  source.run('delete from copy.sqlite_sequence');
  source.run('insert into copy.sqlite_sequence select * from main.sqlite_sequence');
}

function runOn(path: string, rows: readonly SchemaRow[]): void {
  using database = openFile(path);
  for (const { sql } of rows) database.run(sql);
}
