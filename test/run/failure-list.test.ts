import { expect, test } from 'bun:test';
import { createFailureList } from './failure-list.ts';

const OUTPUT = `bun test v1.4.5
....
test/house/style.test.ts:
12 |     expect(1).toBe(2);
\u001b[31m(fail)\u001b[0m the tree > is whole [3.20ms]
..
src/live/live.test.ts:
✗ src/live/live.test.ts (worker crashed: SIGKILL)

 4 pass
`;

test('the failures of a run are listed with their files, whatever pieces it comes in', () => {
  const expected = [
    '  test/house/style.test.ts: the tree > is whole [3.20ms]',
    '  src/live/live.test.ts: src/live/live.test.ts (worker crashed: SIGKILL)',
  ];
  for (const size of [1, 7, OUTPUT.length]) {
    const failures = createFailureList();
    for (let at = 0; at < OUTPUT.length; at += size) failures.add(OUTPUT.slice(at, at + size));
    expect(failures.list()).toEqual(expected);
  }
});

test('a run without failures lists none', () => {
  const failures = createFailureList();
  failures.add('src/live/live.test.ts:\n(pass) a bid\n 1 pass\n 0 fail\n');
  expect(failures.list()).toEqual([]);
});
