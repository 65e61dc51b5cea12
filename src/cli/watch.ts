import type { Command } from 'commander';
import { watch } from '../app/command/watch.ts';
import { print, wholeNumber } from './option.ts';

const MOST_EVENTS = 1_000_000_000;

type Options = { readonly url: string; readonly events?: number };

/** `gavel watch`: prints what a viewer of an item sees, a line of JSON each. */
export function registerWatch(program: Command): void {
  program
    .command('watch')
    .description('print what a viewer of a live item sees, until it closes')
    .argument('<item-id>', 'the item')
    .option('-u, --url <url>', 'the server', 'http://localhost:8080')
    .option('-n, --events <count>', 'end after so many events', wholeNumber(0, MOST_EVENTS))
    .action(async (itemId: string, { url, events }: Options) => {
      const onFrame = (frame: object) => print(JSON.stringify(frame));
      await watch({ url, itemId, events: events ?? null, onFrame });
    });
}
