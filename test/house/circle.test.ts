import { describe, expect, test } from 'bun:test';
import { circlesOf, folderCircles } from './circle.ts';
import { importsOf } from './syntax.ts';
import { isProduction, readSources } from './tree.ts';

const sources = (await readSources('src')).filter(isProduction);
const imports = new Map(sources.map((file) => [file.path, importsOf(file)]));

describe('src', () => {
  test('has no circle among its files, types included', () => {
    expect(imports.size).toBeGreaterThan(100);
    expect(circlesOf(imports)).toEqual([]);
  });

  test('has no circle among rooms, nor among the folders of a room', () => {
    expect(folderCircles(imports)).toEqual([]);
  });
});

describe('the checks of circles', () => {
  test('read every kind of import of a file, and no package', () => {
    const text = [
      "import { a } from './a.ts';",
      "import type { B } from '../port/b.ts';",
      "import './c.ts';",
      "import pg from 'pg';",
      "export { d } from './d.ts';",
      "export * from './e.ts';",
      "export type F = import('../f.ts').F;",
      "export const late = () => import('./g.ts');",
      'export const kept = [a, pg];',
      'export type Kept = B;',
    ].join('\n');
    expect(importsOf({ path: 'src/live/rule/item.ts', text })).toEqual([
      'src/live/rule/a.ts',
      'src/live/port/b.ts',
      'src/live/rule/c.ts',
      'src/live/rule/d.ts',
      'src/live/rule/e.ts',
      'src/live/f.ts',
      'src/live/rule/g.ts',
    ]);
  });

  test('find each circle with all its members, and none in a tree that only shares', () => {
    const shared = new Map([
      ['a', ['b', 'c']],
      ['b', ['d']],
      ['c', ['d', 'b']],
      ['d', []],
    ]);
    expect(circlesOf(shared)).toEqual([]);
    const circles = new Map([
      ...shared,
      ['d', ['e']],
      ['e', ['f', 'x']],
      ['f', ['d', 'a1']],
      ['a1', ['a2']],
      ['a2', ['a1']],
    ]);
    expect(circlesOf(circles)).toEqual([
      ['a1', 'a2'],
      ['d', 'e', 'f'],
    ]);
  });

  test('find a circle among folders that no circle of files shows', () => {
    const tree = new Map([
      ['src/core/money.ts', ['src/flow/bus.ts']],
      ['src/flow/bus.ts', []],
      ['src/flow/log.ts', ['src/core/clock.ts']],
      ['src/core/clock.ts', []],
      ['src/driver/redis/line/client.ts', ['src/driver/redis/script/script.ts']],
      ['src/driver/redis/script/batch.ts', ['src/driver/redis/line/connection.ts']],
      ['src/driver/redis/stats.ts', ['src/driver/redis/line/client.ts']],
    ]);
    expect(circlesOf(tree)).toEqual([]);
    expect(folderCircles(tree)).toEqual([
      ['src/core', 'src/flow'],
      ['src/driver/redis/line', 'src/driver/redis/script'],
    ]);
  });
});
