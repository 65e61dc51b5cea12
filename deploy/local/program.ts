/** Finds programs of this machine: on PATH, in the folders of daemons, or in PostgreSQL's own. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const DAEMON_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin'];
const POSTGRES_VERSIONS = '/usr/lib/postgresql';

/** The path of a program, or undefined when it is not installed. */
export function findProgram(name: string): string | undefined {
  const folders = [process.env['PATH'] ?? '', ...postgresFolders(), ...DAEMON_FOLDERS];
  return Bun.which(name, { PATH: folders.join(':') }) ?? undefined;
}

/** @throws Error that names the program and how to get it */
export function programPath(name: string): string {
  const path = findProgram(name);
  if (path === undefined) {
    throw new Error(`${name} is not installed: \`make servers\` installs what the servers need`);
  }
  return path;
}

/** Debian has one folder per major version; the newest comes first. */
function postgresFolders(): string[] {
  try {
    return readdirSync(POSTGRES_VERSIONS)
      .toSorted((a, b) => Number(b) - Number(a))
      .map((version) => join(POSTGRES_VERSIONS, version, 'bin'));
  } catch {
    return [];
  }
}
