import { expect, test } from 'bun:test';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { FIRST_HELD, longSubjects, SUBJECT_LENGTH } from './subject.ts';
import { HOUSE } from './tree.ts';

async function git(...words: readonly string[]) {
  // The checkout may belong to another user, as in a container.
  const command = ['git', '-c', 'safe.directory=*', ...words];
  const child = Bun.spawn(command, { cwd: HOUSE, stdout: 'pipe', stderr: 'ignore' });
  const [out, code] = await Promise.all([child.stdout.text(), child.exited]);
  return { out: out.trimEnd(), isFine: code === 0 };
}

/** False in a copy without its history and in a shallow clone: there is nothing to check. */
async function hasHistory(): Promise<boolean> {
  if (!existsSync(join(HOUSE, '.git')) || Bun.which('git') === null) return false;
  const isShallow = (await git('rev-parse', '--is-shallow-repository')).out === 'true';
  return !isShallow || (await git('cat-file', '-e', `${FIRST_HELD}^{commit}`)).isFine;
}

test.if(await hasHistory())('subjects of commits are short', async () => {
  const { out, isFine } = await git('log', '--no-merges', '--format=%h %s', `${FIRST_HELD}..HEAD`);
  expect(isFine).toBe(true);
  expect(out.split('\n').length).toBeGreaterThan(1);
  expect(longSubjects(out)).toEqual([]);
});

test('a subject may have as many characters as the bound and not one more', () => {
  const log = `abc1234 ${'a'.repeat(SUBJECT_LENGTH)}\nabc1235 ${'b'.repeat(SUBJECT_LENGTH + 1)}`;
  expect(longSubjects(log)).toEqual(['abc1235 has a subject of 73 characters']);
});
