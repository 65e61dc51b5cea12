import { expect, test } from 'bun:test';
import { join } from 'node:path';
import { openCluster } from '../../deploy/local/cluster.ts';
import { masked, playSession, readSession } from '../support/readme-session.ts';
import { openFolder } from '../support/server.ts';

const TEST_MS = 90_000;

test(
  'many nodes give the answers that the README shows of one',
  async () => {
    const readme = await Bun.file(join(import.meta.dirname, '../../README.md')).text();
    const steps = readSession(readme);
    expect(steps.length).toBeGreaterThan(5);
    await using cluster = await openCluster({ fsync: false, settings: { SEED: '7' } });
    await using folder = await openFolder();
    const printed = await playSession(
      steps.map(({ command }) => command),
      { url: cluster.url, dataDir: folder.path, settings: cluster.settings },
    );
    for (const [index, { command, output }] of steps.entries()) {
      expect({ command, output: masked(printed[index] ?? '') }).toEqual({
        command,
        output: masked(output),
      });
    }
  },
  TEST_MS,
);
