/** The Debian packages of the local servers and of the Lua linter; installs any missing ones. */
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

/** The programs that the tests start, and those that `make check` runs. */
export const PACKAGES = { servers: SERVERS, tools: TOOLS };

const INSTALLER = join(import.meta.dirname, 'install-packages.sh');

/** The names of packages with a missing program. */
export function missingPackages(packages: readonly Package[], find = findProgram): string[] {
  return packages
    .filter(({ programs }) => programs.some((name) => find(name) === undefined))
    .map(({ name }) => name);
}

/** @throws Error with the packages to install, when this process may not install them */
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

/** The command prefix for root: none as root, else `sudo` if it needs no password. */
function wayToRoot(): readonly string[] | undefined {
  if (process.getuid?.() === 0) return [];
  const sudo = findProgram('sudo');
  if (sudo === undefined) return undefined;
  return Bun.spawnSync([sudo, '-n', 'true']).success ? [sudo, '-n'] : undefined;
}
