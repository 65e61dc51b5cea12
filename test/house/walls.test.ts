import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EXEMPT, WALLS } from './wall-table.ts';

const HOUSE = join(import.meta.dir, '../..');

type Diagnostic = {
  readonly category: string;
  readonly message: string;
  readonly location: { readonly path: string };
};

type Report = {
  readonly summary: { readonly diagnosticsNotPrinted: number };
  readonly diagnostics: readonly Diagnostic[];
};

/** The linter's reports per file. */
async function lint(folder: string): Promise<Map<string, Diagnostic[]>> {
  const biome = join(HOUSE, 'node_modules/.bin/biome');
  const flags = ['--vcs-enabled=false', '--max-diagnostics=none', '--reporter=json'];
  const linter = Bun.spawn([process.execPath, biome, 'lint', ...flags, '.'], {
    cwd: folder,
    stdout: 'pipe',
    stderr: 'ignore',
  });
  const report: Report = JSON.parse(await new Response(linter.stdout).text());
  expect(report.summary.diagnosticsNotPrinted).toBe(0);
  return Map.groupBy(report.diagnostics, (diagnostic) => diagnostic.location.path);
}

function planted(folder: string, kind: 'refused' | 'lawful', index: number): string {
  return `${folder}/${kind}-${index}.ts`;
}

describe('the walls of the house', () => {
  let folder = '';
  let complaints = new Map<string, Diagnostic[]>();

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gavel-walls-'));
    await cp(join(HOUSE, 'biome.json'), join(folder, 'biome.json'));
    await cp(join(HOUSE, 'package.json'), join(folder, 'package.json'));
    for (const [index, wall] of WALLS.entries()) {
      await Bun.write(join(folder, planted(wall.folder, 'refused', index)), wall.refused);
      await Bun.write(join(folder, planted(wall.folder, 'lawful', index)), wall.lawful);
    }
    for (const { path, text } of EXEMPT) await Bun.write(join(folder, path), text);
    complaints = await lint(folder);
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  for (const [index, wall] of WALLS.entries()) {
    test(wall.wall, () => {
      const found = complaints.get(planted(wall.folder, 'refused', index)) ?? [];
      const heard = found.filter((one) => one.category === wall.rule);
      expect(heard.map((one) => one.message).join('\n')).toContain(wall.message);
      expect(complaints.get(planted(wall.folder, 'lawful', index)) ?? []).toEqual([]);
    });
  }

  for (const exempt of EXEMPT) {
    test(`${exempt.path} may do what it alone may do`, () => {
      const found = complaints.get(exempt.path) ?? [];
      expect(found.map((one) => one.message).toSorted()).toEqual(exempt.complaints.toSorted());
    });
  }
});
