/** Whether a node can listen where it is wanted, which is asked before anything is opened or written. */
import { ConfigError } from '../setting/config.ts';
import type { ServerAddress } from '../setting/kind.ts';

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there',
  EACCES: 'this user may not listen there',
};
const NO_SUCH_ADDRESS = 'this machine has no such address';

/** @throws ConfigError that names the address and why nobody can listen there */
export function demandPort({ hostname, port }: ServerAddress): void {
  try {
    Bun.listen({ hostname, port, socket: { data: () => {} } }).stop(true);
  } catch (error) {
    throw notListening({ hostname, port }, error);
  }
}

/** What a failed start means when another program took the port after it was asked for. */
export function explainStart(address: ServerAddress, error: unknown): unknown {
  return codeOf(error) === 'EADDRINUSE' ? notListening(address, error) : error;
}

function notListening({ hostname, port }: ServerAddress, cause: unknown): ConfigError {
  const host = hostname.includes(':') ? `[${hostname}]` : hostname;
  const reason = REASONS[codeOf(cause)] ?? NO_SUCH_ADDRESS;
  return new ConfigError(`SERVER_ADDR: ${host}:${port} cannot be listened on: ${reason}`, {
    cause,
  });
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
