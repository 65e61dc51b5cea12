/**
 * Runs a table that an auctioneer can read against an item book, with a clock turned by hand.
 *
 * Each line is a command, and behind `->` what must come of it; `#` begins a comment. Amounts are
 * in units, durations are `10s`, `500ms` or `2m`, times count from the first line.
 *
 *     open    ITEM  [start N] [increment N | increment N% least N | ladder 20:0.50 200:1 above:5]
 *                   [reserve N] [buy-now N] [opens T] [close T] [extend D] [window D] [latest T]
 *                   [no-proxy] [currency CODE]
 *     bid     ITEM WHO  [AMOUNT] [max N] [buy-now] [key K]
 *     retract ITEM WHO         takes back the newest accepted bid of WHO that still stands
 *     remove  ITEM WHO  [ban]  takes back all that WHO has bid, and with ban refuses WHO from then on
 *     close   ITEM             ends it by hand
 *     tick    D                lets time pass, then closes what is due
 *     show    ITEM             does nothing
 *
 * What may be expected: `accepted`, `refused`, a code of refusal, `seq N`, `price N`, `next N` or
 * `next none`, `leader WHO` or `leader nobody`, `bids N`, `close T` or `close open`, `highest`,
 * `outbid-by-proxy`, `maximum-raised`, `reserve-met`, `reserve-not-met`, the status, `opened`,
 * `taken`, `sold WHO N`, `passed`, `nothing`. Everything that a line expects must be
 * among what came; what it does not name is not looked at.
 */
import type { Clock } from '../../src/core/clock.ts';
import type { ItemBook } from '../../src/live/port/item-book.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { createTablePlay } from './live-table-play.ts';
import { TableFault, type TableLine, tableLines } from './live-table-text.ts';

export type OpenTableBook = (clock: Clock) => ItemBook | Promise<ItemBook>;

/** @returns the differences in readable lines, an empty text when everything came as expected. */
export async function runTable(text: string, openBook: OpenTableBook): Promise<string> {
  const clock = createManualClock();
  await using book = await openBook(clock);
  const play = createTablePlay(book, clock);
  const differences: string[] = [];
  for (const line of tableLines(text)) {
    const facts = await play(line).catch((error: unknown) => {
      throw error instanceof TableFault ? error.at(line) : error;
    });
    differences.push(...differenceOf(line, facts));
  }
  return differences.join('\n');
}

function differenceOf(line: TableLine, facts: readonly string[]): string[] {
  const missing = line.expected.filter((phrase) => !facts.includes(phrase));
  if (missing.length === 0) return [];
  return [
    `line ${line.number}: ${line.text}`,
    `  expected: ${missing.join('  ')}`,
    `  got:      ${facts.join('  ')}`,
  ];
}
