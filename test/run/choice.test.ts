import { expect, test } from 'bun:test';
import { chooseTests, filesWithServers } from './choice.ts';

const take = (...paths: readonly string[]) => paths.map((path) => `import '${path}';`).join('\n');

const FILES = [
  { path: 'deploy/local/redis.ts', text: '' },
  { path: 'deploy/local/debian.test.ts', text: '' },
  { path: 'test/support/servers.ts', text: take('../../deploy/local/redis.ts') },
  { path: 'test/support/server.ts', text: '' },
  { path: 'test/support/redis-book-suite.ts', text: take('./servers.ts') },
  { path: 'src/live/live.ts', text: '' },
  { path: 'src/live/live.test.ts', text: take('./live.ts') },
  { path: 'src/driver/redis/book/live-book.test.ts', text: take('./suite.ts') },
  {
    path: 'src/driver/redis/book/suite.ts',
    text: take('../../../../test/support/redis-book-suite.ts'),
  },
  { path: 'test/e2e/crash.test.ts', text: take('../support/server.ts') },
];

test('a run takes every test file', () => {
  expect(chooseTests(FILES, { words: [], withServers: true })).toEqual([
    'deploy/local/debian.test.ts',
    'src/live/live.test.ts',
    'src/driver/redis/book/live-book.test.ts',
    'test/e2e/crash.test.ts',
  ]);
});

test('a part is every file with one of its words in its path', () => {
  expect(chooseTests(FILES, { words: ['live', 'crash'], withServers: true })).toEqual([
    'src/live/live.test.ts',
    'src/driver/redis/book/live-book.test.ts',
    'test/e2e/crash.test.ts',
  ]);
  expect(chooseTests(FILES, { words: ['src/driver'], withServers: true })).toHaveLength(1);
  expect(chooseTests(FILES, { words: ['nothing'], withServers: true })).toEqual([]);
});

test('a file needs servers when it imports a starter, also indirectly', () => {
  expect(filesWithServers(FILES)).not.toContain('src/live/live.test.ts');
  expect(chooseTests(FILES, { words: [], withServers: false })).toEqual(['src/live/live.test.ts']);
});
