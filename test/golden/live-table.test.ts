import { describe, expect, test } from 'bun:test';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../src/core/clock.ts';
import { runTable } from './live-table.ts';
import { createRuleBook } from './rule-book.ts';

const FOLDER = join(import.meta.dir, 'live');
const openBook = (clock: Clock) => createRuleBook(clock);

describe('on a book of the pure rules, the table', () => {
  for (const file of readdirSync(FOLDER)) {
    test(file, async () => {
      expect(await runTable(readFileSync(join(FOLDER, file), 'utf8'), openBook)).toBe('');
    });
  }
});

describe('a table', () => {
  const opening = 'open L1  start 50  increment 10\n';

  test('that fails reports the line, the expectation and the outcome', async () => {
    const text = `${opening}# a comment\nbid  L1 P1  60  -> accepted seq 2  leader P2  price 60.00`;
    expect((await runTable(text, openBook)).split('\n')).toEqual([
      'line 3: bid L1 P1 60 -> accepted seq 2 leader P2 price 60.00',
      '  expected: seq 2  leader P2',
      [
        '  got:      accepted  seq 1  price 60  next 70  close open  reserve-met  highest',
        'leader P1  bids 1  active',
      ].join('  '),
    ]);
  });

  test('goes on after a difference and reports all', async () => {
    const text = `${opening}bid L1 P1 60 -> refused\nbid L1 P2 60 -> accepted`;
    expect(await runTable(text, openBook)).toMatch(/^line 2: .*line 3: /s);
  });

  test('that cannot be parsed names its line', async () => {
    for (const [line, message] of [
      ['bid L1 P1 60 -> acepted', 'nothing is called "acepted"'],
      ['bit L1 P1 60', 'there is no command "bit"'],
      ['bid L1 P1 sixty', '"sixty" is not an amount'],
      ['tick 10', '"10" is not a duration such as 10s'],
      ['open L2 begin 50', 'there is no setting "begin"'],
      ['open L2 start 0', 'policy.startMicros must be a whole number of 1 to'],
    ] as const) {
      const run = runTable(opening + line, openBook);
      await expect(run).rejects.toThrow(`line 2: ${line}\n  ${message}`);
    }
  });
});
