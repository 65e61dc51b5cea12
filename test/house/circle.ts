/** Import cycles, among files and among sibling folders. */
import { dirname } from 'node:path/posix';

/** The imports of each file or folder. */
export type Imports = ReadonlyMap<string, readonly string[]>;

/** The strongly connected components of more than one member, each sorted. */
export function circlesOf(imports: Imports): string[][] {
  const depths = new Map<string, number>();
  const path: string[] = [];
  const circles: string[][] = [];

  /** @returns the least depth on the path that the name leads back to (Tarjan 1972) */
  function visit(name: string): number {
    const depth = depths.size;
    const place = path.push(name) - 1;
    depths.set(name, depth);
    let least = depth;
    for (const next of imports.get(name) ?? []) {
      const known = depths.get(next);
      least = Math.min(least, known === undefined ? visit(next) : known);
    }
    if (least === depth) close(path.splice(place));
    return least;
  }

  function close(members: readonly string[]): void {
    // No later edge can lead back into a closed component.
    for (const name of members) depths.set(name, Number.POSITIVE_INFINITY);
    if (members.length > 1) circles.push(members.toSorted());
  }

  for (const name of imports.keys()) if (!depths.has(name)) visit(name);
  return circles;
}

/** For each folder of the files, the cycles among its direct subfolders. */
export function folderCircles(imports: Imports): string[][] {
  const folders = new Set(Array.from(imports.keys()).flatMap(foldersAbove));
  return Array.from(folders).flatMap((folder) => circlesOf(importsWithin(folder, imports)));
}

function foldersAbove(path: string): string[] {
  const folder = dirname(path);
  return folder === '.' ? [] : [folder, ...foldersAbove(folder)];
}

/** The imports between the direct subfolders of a folder. */
function importsWithin(folder: string, imports: Imports): Imports {
  const roomOf = (path: string) => {
    const [name, ...rest] = path.startsWith(`${folder}/`)
      ? path.slice(folder.length + 1).split('/')
      : [];
    return rest.length === 0 ? undefined : `${folder}/${name}`;
  };
  const found = new Map<string, string[]>();
  for (const [path, targets] of imports) {
    const room = roomOf(path);
    if (room === undefined) continue;
    const others = targets.flatMap((target) => roomOf(target) ?? []).filter((one) => one !== room);
    found.set(room, [...(found.get(room) ?? []), ...others]);
  }
  return found;
}
