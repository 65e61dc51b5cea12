/** The Debian packages of the servers of this machine and of the Lua linter, and getting what lacks. */
import { join } from 'node:path';
import { findProgram } from './program.ts';

type Package = { readonly name: string; readonly programs: readonly string[] };

const SERVERS: readonly Package[] = [
  { name: 'redis-server', programs: ['redis-server', 'redis-cli', 'redis-check-aof'] },
  { name: 'nats-server', programs: ['nats-server'] },
  { name: 'postgresql', programs: ['postgres', 'initdb', 'pg_basebackup'] },
  { name: 'pgbouncer', programs: ['pgbouncer'] },
  { name: 'nginx', programs: ['nginx'] },
];
const TOOLS: readonly Package[] = [{ name: 'lua-check', programs: ['luacheck'] }];

/** What the tests start, and what `make check` runs. */
export const PACKAGES = { servers: SERVERS, tools: TOOLS };

const INSTALLER = join(import.meta.dirname, 'install-packages.sh');

/** Names of the packages of which a program is not there. */
export function missingPackages(packages: readonly Package[], find = findProgram): string[] {
  return packages
    .filter(({ programs }) => programs.some((name) => find(name) === undefined))
    .map(({ name }) => name);
}

/** @throws Error that says what to install, when it may not be done from here */
export async function installPackages(names: readonly string[]): Promise<void> {
  const way = wayToRoot();
  if (way === undefined || findProgram('apt-get') === undefined) {
    throw new Error(
      `Programs are missing that cannot be installed from here: install ${names.join(', ')} ` +
        `(on Debian: sudo apt-get install ${names.join(' ')}), then try again.`,
    );
  }
  const child = Bun.spawn([...way, INSTALLER, ...names], {
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: 'inherit',
  });
  if ((await child.exited) !== 0) {
    throw new Error(`apt-get could not install ${names.join(', ')}: see what it said above.`);
  }
}

/** The words that make a command root's: none for root, `sudo` where it asks for no password. */
function wayToRoot(): readonly string[] | undefined {
  if (process.getuid?.() === 0) return [];
  const sudo = findProgram('sudo');
  if (sudo === undefined) return undefined;
  return Bun.spawnSync([sudo, '-n', 'true']).success ? [sudo, '-n'] : undefined;
}
