import { expect, test } from 'bun:test';
import { cp, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const SCRIPT = join(import.meta.dirname, 'link-bun.sh');
const ROOT = join(import.meta.dirname, '../..');

/** A checkout whose packages are there and whose install scripts have not run. */
async function openCheckout(binaries: Readonly<Record<string, string>>) {
  const root = await mkdtemp(join(tmpdir(), 'gavel-link-'));
  const put = async (path: string, text: string, mode = 0o644) => {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text, { mode });
  };
  await put('node_modules/bun/package.json', '{\n  "version": "9.8.7"\n}\n');
  await put('node_modules/bun/bin/bun.exe', 'echo a placeholder\nexit 1\n', 0o755);
  for (const [name, text] of Object.entries(binaries)) {
    await put(`node_modules/@oven/${name}/bin/bun`, text);
  }
  await mkdir(join(root, 'deploy/local'), { recursive: true });
  await cp(SCRIPT, join(root, 'deploy/local/link-bun.sh'));
  return {
    bun: join(root, 'node_modules/bun/bin/bun.exe'),
    link: () => Bun.spawnSync(['sh', join(root, 'deploy/local/link-bun.sh')]),
    [Symbol.asyncDispose]: () => rm(root, { recursive: true }),
  };
}

const FITTING = '#!/bin/sh\necho 9.8.7\n';
const FOREIGN = 'of another machine\n';

test('the binary that runs here is linked, once', async () => {
  await using checkout = await openCheckout({ 'bun-a': FOREIGN, 'bun-b': FITTING });
  expect(checkout.link().exitCode).toBe(0);
  expect(Bun.spawnSync([checkout.bun, '--version']).stdout.toString()).toBe('9.8.7\n');
  const { ino } = await stat(checkout.bun);
  expect(checkout.link().exitCode).toBe(0);
  expect((await stat(checkout.bun)).ino).toBe(ino);
});

test('a machine without a binary is told', async () => {
  await using checkout = await openCheckout({ 'bun-a': FOREIGN });
  const { exitCode, stderr } = checkout.link();
  expect(exitCode).toBe(1);
  expect(stderr.toString()).toContain('There is no Bun 9.8.7 for this machine');
});

test('no package may run a script while it is installed', async () => {
  expect(await Bun.file(join(ROOT, '.npmrc')).text()).toMatch(/^ignore-scripts=true$/m);
  expect(await Bun.file(join(ROOT, 'package.json')).text()).not.toContain('allowScripts');
});
