import { describe, expect, test } from 'bun:test';
import {
  driverFilesWithoutPort,
  FILE_LINES,
  lockedAddresses,
  lockGaps,
  portsWithoutContract,
  README_LINES,
  tooLong,
  unfinishedWork,
  unknownRooms,
} from './style-rule.ts';
import { spreadObjects } from './syntax.ts';
import { listTexts, readSource } from './tree.ts';

const paths = await listTexts();
const files = await Promise.all(paths.map(readSource));
const sources = files.filter((file) => file.path.endsWith('.ts'));
const lines = (count: number) => 'line\n'.repeat(count);

describe('the tree', () => {
  test('leaves no work for later and runs all its tests', () => {
    expect(files.flatMap(unfinishedWork)).toEqual([]);
  });

  test(`has no source of more than ${FILE_LINES} lines`, () => {
    expect(sources.length).toBeGreaterThan(0);
    expect(sources.flatMap((file) => tooLong(file, FILE_LINES))).toEqual([]);
  });

  test(`has a README of at most ${README_LINES} lines`, () => {
    const readme = files.filter((file) => file.path === 'README.md');
    expect(readme.flatMap((file) => tooLong(file, README_LINES))).toEqual([]);
  });

  test('locks packages without their addresses', async () => {
    expect(lockedAddresses(await readSource('package-lock.json'))).toEqual([]);
  });

  test('locks the packages of every platform', async () => {
    expect(lockGaps(await readSource('package-lock.json'))).toEqual([]);
  });

  test('has a contract beside every port', () => {
    expect(portsWithoutContract(paths)).toEqual([]);
  });

  test('has only files named for a port on the upper floor of a driver room', () => {
    expect(driverFilesWithoutPort(paths)).toEqual([]);
  });

  test('spreads no object literal, only to please the formatter', () => {
    expect(sources.flatMap(spreadObjects)).toEqual([]);
  });

  test('has only the rooms that the walls know', () => {
    expect(unknownRooms(paths)).toEqual([]);
  });
});

describe('the checks of the tree', () => {
  test('find work left for later, with its line', () => {
    const text = `const a = 1;\n// ${'TO'}DO: more\n`;
    expect(unfinishedWork({ path: 'a.ts', text })).toEqual(['a.ts:2 leaves work for later']);
  });

  test('find a test that runs alone and a test that does not run', () => {
    const text = `test.${'only'}('a', run);\ndescribe.${'skip'}('b', run);\n`;
    expect(unfinishedWork({ path: 'a.test.ts', text })).toEqual([
      'a.test.ts:1 narrows the tests that run',
      'a.test.ts:2 narrows the tests that run',
    ]);
  });

  test('allow as many lines as said and not one more', () => {
    expect(tooLong({ path: 'a.ts', text: lines(FILE_LINES) }, FILE_LINES)).toEqual([]);
    expect(tooLong({ path: 'a.ts', text: lines(FILE_LINES + 1) }, FILE_LINES)).toEqual([
      'a.ts has 401 lines, at most 400 are allowed',
    ]);
  });

  test('find an address in a lock file', () => {
    const packages = { 'node_modules/a': { resolved: 'https://registry.example/a.tgz' } };
    const text = JSON.stringify({ packages });
    expect(lockedAddresses({ path: 'lock.json', text })).toEqual([
      'lock.json holds an address for node_modules/a',
    ]);
  });

  test('find a platform that a lock file lacks', () => {
    const packages = {
      'node_modules/a': { optionalDependencies: { 'a-linux': '1.0.0', 'a-darwin': '1.0.0' } },
      'node_modules/a-linux': {},
    };
    expect(lockGaps({ path: 'lock.json', text: JSON.stringify({ packages }) })).toEqual([
      'lock.json lacks a-darwin, which node_modules/a may need on another platform',
    ]);
  });

  test('find a port without a contract', () => {
    const tree = [
      'src/flow/bus.ts',
      'src/flow/carry.ts',
      'src/exchange/port/stats.ts',
      'src/live/port/item-book.ts',
      'src/live/port/item-book.contract.ts',
    ];
    expect(portsWithoutContract(tree)).toEqual([
      'src/flow/bus.ts has no contract beside it',
      'src/exchange/port/stats.ts has no contract beside it',
    ]);
  });

  test('find a file on the upper floor of a driver room that is named for no port', () => {
    const tree = [
      'src/exchange/port/stats.ts',
      'src/driver/redis/stats.ts',
      'src/driver/redis/stats.test.ts',
      'src/driver/redis/connection.ts',
      'src/driver/redis/line/client.ts',
    ];
    expect(driverFilesWithoutPort(tree)).toEqual(['src/driver/redis/connection.ts']);
  });

  test('find an object literal that is spread, and leave every other spread alone', () => {
    const text = [
      'const known = { a: 1 };',
      'export const made = {',
      '  ...{ b: 2 },',
      '  ...known,',
      '  ...(known.a === 1 ? { c: 3 } : {}),',
      "  list: [...['d']],",
      '};',
    ].join('\n');
    expect(spreadObjects({ path: 'a.ts', text })).toEqual(['a.ts:3 spreads an object literal']);
  });

  test('find a file that is in no known room', () => {
    const tree = ['src/core/money.ts', 'src/util/text.ts', 'test/house/style.test.ts'];
    expect(unknownRooms(tree)).toEqual(['src/util/text.ts is in no room of the house']);
  });
});
