import { expect, test } from 'bun:test';
import { join } from 'node:path';
import { masked, playSession, readSession } from '../support/readme-session.ts';
import { openServer } from '../support/server.ts';

test('the session of the README prints what it says, line by line', async () => {
  const readme = await Bun.file(join(import.meta.dirname, '../../README.md')).text();
  const steps = readSession(readme);
  expect(steps.length).toBeGreaterThan(5);
  await using server = await openServer({ SEED: '7' });
  const printed = await playSession(
    steps.map(({ command }) => command),
    server,
  );
  for (const [index, { command, output }] of steps.entries()) {
    expect({ command, output: masked(printed[index] ?? '') }).toEqual({
      command,
      output: masked(output),
    });
  }
});
