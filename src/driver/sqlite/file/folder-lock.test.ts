import { expect, test } from 'bun:test';
import { writeFileSync } from 'node:fs';
import { openFolder } from '../../../../test/support/folder.ts';
import { FolderHeldError, lockFolder } from './folder-lock.ts';

/** A process of its own that holds the folder until it is killed; resolves when it does. */
async function holdElsewhere(folder: string, program: string): Promise<Bun.Subprocess> {
  const source = `
    import { lockFolder } from ${JSON.stringify(`${import.meta.dirname}/folder-lock.ts`)};
    globalThis.held = lockFolder(${JSON.stringify(folder)}, 'the other');
    process.send('held');
    setInterval(() => {}, 1000);
  `;
  writeFileSync(program, source);
  const held = Promise.withResolvers<void>();
  const child = Bun.spawn([process.execPath, program], {
    stdio: ['ignore', 'inherit', 'inherit'],
    ipc: () => held.resolve(),
    onExit: () => held.reject(new Error('it ended before it held the folder')),
  });
  await held.promise;
  return child;
}

test('a folder has one owner, and the second learns which', async () => {
  await using folder = await openFolder();
  const path = folder.path('.');
  const other = await holdElsewhere(path, folder.path('hold.ts'));
  expect(() => lockFolder(path, 'this one')).toThrow(FolderHeldError);
  expect(() => lockFolder(path, 'this one')).toThrow(`${path} is in use by the other: `);
  other.kill('SIGKILL');
  await other.exited;
  using _lock = lockFolder(path, 'this one');
});

test('a lock that was given back is free', async () => {
  await using folder = await openFolder();
  {
    using _lock = lockFolder(folder.path('.'), 'one');
  }
  using _again = lockFolder(folder.path('.'), 'two');
});

test('two locks of one folder do not meet', async () => {
  await using folder = await openFolder();
  using _one = lockFolder(folder.path('.'), 'one', 'gavel-1');
  using _two = lockFolder(folder.path('.'), 'two', 'gavel-2');
});

test('the holder may be named anew', async () => {
  await using folder = await openFolder();
  using lock = lockFolder(folder.path('.'), 'one');
  lock.nameHolder('one on port 80');
  expect(() => lockFolder(folder.path('.'), 'two')).toThrow('in use by one on port 80: ');
});

test('a folder that cannot be written names the fault, not a holder', () => {
  expect(() => lockFolder('/proc/nowhere', 'one')).toThrow('/proc/nowhere/gavel.lock');
  expect(() => lockFolder('/proc/nowhere', 'one')).not.toThrow(FolderHeldError);
});
