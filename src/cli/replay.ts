import type { Command } from 'commander';
import { type Replay, replayAuction } from '../app/command/replay.ts';
import type { StoreConfig } from '../app/node/store/catalog-store.ts';
import { decimalFromMicros } from '../core/money.ts';
import { print, REFUSED } from './option.ts';

/** `gavel replay`: runs the rules again over a kept auction and says whether the result is the same. */
export function registerReplay(program: Command, readConfig: () => StoreConfig): void {
  program
    .command('replay')
    .description('decide a kept auction again, from its event alone')
    .argument('<auction-id>', 'the auction_id of an answer')
    .action(async (auctionId: string, _options: object, command: Command) => {
      const replayed = await replayAuction(readConfig(), auctionId);
      if (replayed === undefined) {
        command.error(`error: no auction ${auctionId} is kept here`, REFUSED);
      }
      printReplay(replayed);
      if (!replayed.isSame) command.error('error: the result is another than was kept', REFUSED);
    });
}

function printReplay({ kept, again, isSame }: Replay): void {
  const { auctionId, atMs, tmaxMs, seed, catalogVersion } = kept;
  print(`${auctionId}  ${new Date(atMs).toISOString()}`);
  print(`tmax ${tmaxMs} ms, seed ${seed}, catalogue version ${catalogVersion}`);
  for (const { imp, winnerId, clearingMicros, entries } of again) {
    const price = clearingMicros === null ? 'unsold' : `at ${decimalFromMicros(clearingMicros)}`;
    print(`${imp.supplyId}: ${winnerId ?? 'nobody'} ${price}`);
    for (const { bidderId, outcome, priceMicros, reason } of entries) {
      const bid = outcome === 'bid' ? `bid ${decimalFromMicros(priceMicros)}` : outcome;
      print(`  ${bidderId.padEnd(12)} ${bid.padEnd(12)} ${reason}`);
    }
  }
  print(isSame ? 'the same result as was kept' : 'ANOTHER RESULT THAN WAS KEPT');
}
