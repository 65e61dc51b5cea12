/**
 * The README's session on many machines: the same answers as from one process.
 *
 * Each api node has a generator of its own, so what simulated bidders draw depends on which node is
 * asked: drawn prices and winners are dots here, all else is compared as it is.
 */
import { expect, test } from 'bun:test';
import { join } from 'node:path';
import { openCluster } from '../../deploy/local/cluster.ts';
import { masked, playSession, readSession, type Step } from '../support/readme-session.ts';
import { openFolder } from '../support/server.ts';

const WITHIN_MS = 90_000;

function comparable({ command, output }: Step): string {
  const text = masked(output);
  if (command.includes('replay')) return text.split('\n').at(-1) ?? '';
  if (!/\/bid -H|\/api\/v1\/bid|\/stat/.test(command) || command.includes('/items/')) return text;
  return text
    .replace(/"(winner|bidder_id)":("[^"]+"|\d+)/g, '"$1":".."')
    .replace(/\b\d+(\.\d+)?\b/g, '0');
}

test(
  'the session of the README gives the same answers on a cluster',
  async () => {
    const readme = await Bun.file(join(import.meta.dirname, '../../README.md')).text();
    const steps = readSession(readme);
    await using folder = await openFolder();
    await using cluster = await openCluster({ settings: { SEED: '7' }, fsync: false });
    const { url, settings } = cluster;
    const commands = steps.map(({ command }) => command);
    const printed = await playSession(commands, { url, settings, dataDir: folder.path });
    for (const [index, step] of steps.entries()) {
      const played = { command: step.command, output: printed[index] ?? '' };
      expect([step.command, comparable(played)]).toEqual([step.command, comparable(step)]);
    }
  },
  WITHIN_MS,
);
