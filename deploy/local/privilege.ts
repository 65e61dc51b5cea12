/** Starts servers by `setpriv`: bound to the life of their parent, and not as root. */
import { chownSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { findProgram, programPath } from './program.ts';

const OTHERS_MAY_ENTER = 0o001;
/** The account of PostgreSQL's package, else the one that exists on every system. */
const SERVER_USERS = ['postgres', 'nobody'];

const isRoot = () => process.getuid?.() === 0;

/** The command prefix that makes the kernel signal a process when its parent dies. */
export function endedWithParent(signal: string, user: readonly string[] = []): string[] {
  const setpriv = findProgram('setpriv');
  if (setpriv === undefined && user.length === 0) return [];
  return [setpriv ?? programPath('setpriv'), '--pdeathsig', signal.slice(3), ...user, '--'];
}

/** Flags of `setpriv` for a server that refuses to run as root; none when not root. */
export function asServerUser(folder: string): string[] {
  if (!isRoot()) return [];
  const { uid, gid } = serverUser();
  const flags = [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups'];
  // A checkout in root's home is unreadable for other users: one capability over files lets it in.
  const right = ['--inh-caps=-all,+dac_override', '--ambient-caps=-all,+dac_override'];
  return isOpenToOthers(folder) ? [...flags, '--inh-caps=-all'] : [...flags, ...right];
}

/** Changes the owner of a folder to the user of its server. */
export function giveToServerUser(folder: string): void {
  if (!isRoot()) return;
  const { uid, gid } = serverUser();
  chownSync(folder, uid, gid);
}

function serverUser(): { readonly uid: number; readonly gid: number } {
  for (const name of SERVER_USERS) {
    const { stdout, success } = Bun.spawnSync(['getent', 'passwd', name]);
    const [, , uid, gid] = stdout.toString().split(':');
    if (success) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new Error(`none of the users ${SERVER_USERS.join(', ')} is there to run a server as`);
}

function isOpenToOthers(folder: string): boolean {
  const path = dirname(resolve(folder));
  if ((statSync(path).mode & OTHERS_MAY_ENTER) === 0) return false;
  return path === '/' || isOpenToOthers(path);
}
