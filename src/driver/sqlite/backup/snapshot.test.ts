import { expect, test } from 'bun:test';
import { openFolder } from '../../../../test/support/folder.ts';
import { openSqlite } from '../file/database.ts';
import { snapshotFiles } from './snapshot.ts';

test('a copy has the rows, the indexes, the version and the numbers that were used', async () => {
  await using folder = await openFolder();
  const [from, to] = [folder.path('bus.db'), folder.path('copy.db')];
  using source = openSqlite(from);
  source.run('create table batch (position integer primary key autoincrement, text text)');
  source.run('create table "two words" (id text primary key) without rowid');
  source.run('create index batch_text on batch (text)');
  source.run(`insert into batch (text) values ('one'), ('two')`);
  source.run(`insert into "two words" values ('a')`);
  source.run('delete from batch where position = 2');
  source.run('PRAGMA user_version = 7');
  snapshotFiles({ files: [{ from, to }], book: null });

  using copy = openSqlite(to);
  const names = copy.query('select name from sqlite_schema order by name').values().flat();
  expect(names).toEqual(
    source.query('select name from sqlite_schema order by name').values().flat(),
  );
  expect(copy.query('select * from batch').all()).toEqual([{ position: 1, text: 'one' }]);
  expect(copy.query('select * from "two words"').values()).toEqual([['a']]);
  expect(copy.query('PRAGMA user_version').values()).toEqual([[7]]);
  expect(copy.query('PRAGMA integrity_check').values()).toEqual([['ok']]);
  copy.run(`insert into batch (text) values ('three')`);
  expect(copy.query('select max(position) from batch').values()).toEqual([[3]]);
});

test('what follows the book is never ahead of it, however fast both are written', async () => {
  await using folder = await openFolder();
  const paths = { book: folder.path('live.db'), archive: folder.path('archive.db') };
  const program = folder.path('write.ts');
  await Bun.write(
    program,
    `import { Database } from 'bun:sqlite';
     const open = (path) => {
       const database = new Database(path);
       database.run('PRAGMA journal_mode = WAL; PRAGMA busy_timeout = 5000; PRAGMA synchronous = OFF');
       database.run('create table n (n integer)');
       return database.query('insert into n values (?1)');
     };
     const book = open(process.argv[2]);
     const archive = open(process.argv[3]);
     for (let n = 1; ; n++) {
       book.run(n);
       archive.run(n);
       if (n === 1) process.send('writing');
     }`,
  );
  const writing = Promise.withResolvers<void>();
  const child = Bun.spawn([process.execPath, program, paths.book, paths.archive], {
    stdio: ['ignore', 'inherit', 'inherit'],
    ipc: () => writing.resolve(),
  });
  using opened = new DisposableStack();
  opened.defer(() => child.kill('SIGKILL'));
  await writing.promise;
  const newest = (path: string) => {
    using database = openSqlite(path);
    return Number(database.query('select max(n) from n').values()[0]?.[0]);
  };
  for (let round = 1; round <= 20; round++) {
    const copies = { book: folder.path(`b${round}`), archive: folder.path(`a${round}`) };
    snapshotFiles({
      files: [{ from: paths.archive, to: copies.archive }],
      book: { from: paths.book, to: copies.book },
    });
    const [book, archive] = [newest(copies.book), newest(copies.archive)];
    expect(archive).toBeWithin(book - 1, book + 1);
  }
});
