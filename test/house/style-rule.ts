/** Checks of the tree beyond the linter: each takes texts or paths and returns faults. */

import type { SourceFile } from './tree.ts';

/** The rooms of `src`: the walls know these names, so a new room needs its wall first. */
const ROOMS = [
  'analytics',
  'app',
  'cli',
  'client',
  'core',
  'driver',
  'exchange',
  'flow',
  'live',
  'server',
];

export const README_LINES = 120;
export const FILE_LINES = 400;

// Written in two halves, so that this file is not a finding itself.
const UNFINISHED = new RegExp(`\\b(?:${'TO' + 'DO'}|${'FIX' + 'ME'})\\b`);
const NARROWED = new RegExp(`\\b(?:test|it|describe)\\.(?:${'on' + 'ly'}|${'sk' + 'ip'})\\(`);

function lineCount(text: string): number {
  return text.replace(/\n$/, '').split('\n').length;
}

export function unfinishedWork({ path, text }: SourceFile): string[] {
  return text.split('\n').flatMap((line, index) => {
    const at = `${path}:${index + 1}`;
    if (UNFINISHED.test(line)) return [`${at} leaves work for later`];
    if (NARROWED.test(line)) return [`${at} narrows the tests that run`];
    return [];
  });
}

export function tooLong({ path, text }: SourceFile, linesMax: number): string[] {
  const lines = lineCount(text);
  return lines > linesMax ? [`${path} has ${lines} lines, at most ${linesMax} are allowed`] : [];
}

type LockedPackage = {
  readonly resolved?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
};

function lockedPackages(text: string): Record<string, LockedPackage> {
  return (JSON.parse(text) as { packages: Record<string, LockedPackage> }).packages;
}

export function lockedAddresses({ path, text }: SourceFile): string[] {
  return Object.entries(lockedPackages(text))
    .filter(([, entry]) => entry.resolved !== undefined)
    .map(([name]) => `${path} holds an address for ${name}`);
}

/** npm leaves out a platform's package that its registry does not have, and `npm ci` then fails. */
export function lockGaps({ path, text }: SourceFile): string[] {
  const packages = lockedPackages(text);
  return Object.entries(packages).flatMap(([owner, entry]) =>
    Object.keys(entry.optionalDependencies ?? {})
      .filter((name) => packages[`node_modules/${name}`] === undefined)
      .filter((name) => packages[`${owner}/node_modules/${name}`] === undefined)
      .map((name) => `${path} lacks ${name}, which ${owner} may need on another platform`),
  );
}

/** Ports by their path without extension: those that a room owns, and those of flow. */
function portPaths(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    const [port] = /^src\/(?:\w+\/port\/[^/.]+|flow\/(?:bus|log))(?=\.ts$)/.exec(path) ?? [];
    return port ?? [];
  });
}

export function portsWithoutContract(paths: readonly string[]): string[] {
  return portPaths(paths)
    .filter((port) => !paths.includes(`${port}.contract.ts`))
    .map((port) => `${port}.ts has no contract beside it`);
}

/**
 * The top folder of a driver room lists the ports that it implements; details are in subfolders.
 */
export function driverFilesWithoutPort(paths: readonly string[]): string[] {
  const ports = portPaths(paths).map((port) => port.split('/').at(-1) ?? '');
  return paths.filter((path) => {
    const [, room = '', file = ''] = /^src\/driver\/([^/]+)\/([^/.]+)[^/]*$/.exec(path) ?? [];
    return room !== '' && !ports.includes(file);
  });
}

export function unknownRooms(paths: readonly string[]): string[] {
  return paths
    .filter((path) => path.startsWith('src/') && !ROOMS.includes(path.split('/')[1] ?? ''))
    .map((path) => `${path} is in no room of the house`);
}
