/**
 * A real PostgreSQL: a primary that replicas can stream from, and such a replica.
 *
 * It trusts every connection from loopback and listens nowhere else. As PostgreSQL refuses to run
 * as root, it runs as another user when root starts it.
 */
import { existsSync } from 'node:fs';
import { readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, escapeIdentifier } from 'pg';
import { LOOPBACK } from './free-port.ts';
import { asServerUser, endedWithParent, giveToServerUser } from './privilege.ts';
import { type Launch, SERVER_ENVIRONMENT } from './process.ts';
import { programPath } from './program.ts';
import { type LocalServer, openServer, type Place, type ServerOptions } from './server.ts';
import { until } from './until.ts';

export const POSTGRES_USER = 'gavel';
const FIRST_DATABASE = 'postgres';
/** The database that PostgreSQL copies by default. */
const EMPTY_DATABASE = 'template1';
const DATA = 'data';

/** Every node and every test has its own pools: the default of 100 is too low. */
const CONNECTIONS_MAX = 400;

/** WAL that is kept for a replica that is away: older writes need a new copy. */
const KEPT_WAL = '512MB';

export type PostgresServer = LocalServer & {
  /** The URL of the initial database. */
  readonly url: string;
  urlOf(database: string): string;
};

export type PostgresPrimary = PostgresServer & {
  /** Creates an empty database, or a copy of another, unless it exists. @returns its URL */
  createDatabase(name: string, template?: string): Promise<string>;
};

export type PostgresOptions = ServerOptions & {
  /** Off is faster and loses data when the machine dies, not when a process does. On by default. */
  readonly fsync?: boolean;
  /** Further settings, such as `synchronous_commit`. */
  readonly settings?: Readonly<Record<string, string>>;
};

export async function openPostgres(options: PostgresOptions = {}): Promise<PostgresPrimary> {
  const server = await openServer({
    ...options,
    name: 'postgres',
    isFleeting: options.fsync === false,
    async launch(place) {
      await fillOnce(place.folder, (data) => [
        ...['initdb', '--pgdata', data, '--username', POSTGRES_USER, '--auth=trust'],
        ...['--encoding=UTF8', '--locale=C', ...syncFlags(options)],
      ]);
      await untilForsaken(place.folder);
      return launchOf(place, options);
    },
  });
  const createDatabase = (name: string, template?: string) =>
    ensureDatabase(server.port, name, template);
  return Object.assign(server, urlsOf(server), { createDatabase });
}

/** A copy of a primary that follows it and answers reads. */
export async function openPostgresReplica(
  primary: LocalServer,
  options: PostgresOptions = {},
): Promise<PostgresServer> {
  const source = `host=${LOOPBACK} port=${primary.port} user=${POSTGRES_USER}`;
  const server = await openServer({
    ...options,
    name: 'postgres-replica',
    isFleeting: options.fsync === false,
    async launch(place) {
      await fillOnce(place.folder, (data) => [
        ...['pg_basebackup', '--pgdata', data, '--dbname', source, '--write-recovery-conf'],
        ...['--wal-method=stream', '--checkpoint=fast', ...syncFlags(options)],
      ]);
      await untilForsaken(place.folder);
      const settings = { ...options.settings, primary_conninfo: source };
      return launchOf(place, { ...options, settings });
    },
  });
  return Object.assign(server, urlsOf(server));
}

/** The URL of a database on a server that speaks PostgreSQL's protocol. */
export function postgresUrl(port: number, database: string): string {
  return `postgres://${POSTGRES_USER}@${LOOPBACK}:${port}/${database}`;
}

function urlsOf({ port }: LocalServer): Pick<PostgresServer, 'url' | 'urlOf'> {
  return { url: postgresUrl(port, FIRST_DATABASE), urlOf: (name) => postgresUrl(port, name) };
}

const syncFlags = ({ fsync = true }: PostgresOptions) => (fsync ? [] : ['--no-sync']);

/**
 * Makes the data folder unless it exists: under another name first, so that it is never half-made.
 */
async function fillOnce(folder: string, words: (data: string) => string[]): Promise<void> {
  giveToServerUser(folder);
  if (existsSync(join(folder, DATA))) return;
  const half = join(folder, `${DATA}.half`);
  await rm(half, { recursive: true, force: true });
  const [program = '', ...rest] = words(half);
  const command = [programPath(program), ...rest];
  const child = Bun.spawn([...endedWithParent('SIGTERM', asServerUser(folder)), ...command], {
    env: { ...SERVER_ENVIRONMENT },
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: 'pipe',
  });
  const fault = await child.stderr.text();
  if ((await child.exited) !== 0) throw new Error(`${program} failed: ${fault}`);
  await rename(half, join(folder, DATA));
}

/**
 * Sessions of a killed server survive it until they notice: while one of them runs, no other server
 * can start on its data.
 */
function untilForsaken(folder: string): Promise<void> {
  return until('the last session of a killed PostgreSQL has ended', async () => {
    const lines = (await textOf(join(folder, DATA, 'postmaster.pid'))).split('\n');
    // Line 7 of postmaster.pid is the key of its shared memory, and its id.
    const memory = wordsOf(lines[6] ?? '').join(' ');
    return (await sessionsAt(memory)) === 0;
  });
}

/** How many processes are attached to a shared memory, on Linux; zero elsewhere. */
async function sessionsAt(memory: string): Promise<number> {
  const [titles, ...rows] = (await textOf('/proc/sysvipc/shm')).split('\n').map(wordsOf);
  const place = titles?.indexOf('nattch') ?? -1;
  const row = rows.find(([key, id]) => `${key} ${id}` === memory);
  return Number(row?.[place] ?? 0);
}

function wordsOf(line: string): string[] {
  return line.trim().split(/\s+/);
}

/** Empty when there is no such file. */
function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}

function launchOf({ folder, port }: Place, { fsync = true, settings }: PostgresOptions): Launch {
  const inForce = {
    listen_addresses: LOOPBACK,
    port,
    unix_socket_directories: '',
    wal_level: 'replica',
    wal_keep_size: KEPT_WAL,
    fsync: fsync ? 'on' : 'off',
    max_connections: CONNECTIONS_MAX,
    ...settings,
  };
  const flags = Object.entries(inForce).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return {
    command: [programPath('postgres'), '-D', join(folder, DATA), ...flags],
    isReady: async () => {
      await query(port, 'select 1');
      return true;
    },
    // Fast shutdown: SIGTERM would wait until every client has disconnected.
    stopSignal: 'SIGINT',
    unprivilegedIn: folder,
  };
}

async function ensureDatabase(
  port: number,
  name: string,
  template = EMPTY_DATABASE,
): Promise<string> {
  const there = await query(port, 'select from pg_database where datname = $1', [name]);
  const words = `create database ${escapeIdentifier(name)} template ${escapeIdentifier(template)}`;
  if (there === 0) await query(port, words);
  return postgresUrl(port, name);
}

/** @returns the number of rows */
async function query(port: number, text: string, values: string[] = []): Promise<number> {
  const client = new Client({ connectionString: postgresUrl(port, FIRST_DATABASE) });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query(text, values)).rowCount ?? 0;
  } finally {
    await client.end();
  }
}
