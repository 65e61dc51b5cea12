/**
 * What a node is there for: everything at once, or one part of what many nodes share.
 *
 * A part works on what it shares with the others, so it needs the servers that hold it. A node without
 * them does everything itself, on its own files.
 */
import { type Config, type Environment, givenText, readConfig } from '../setting/config.ts';

export const ROLES = ['all', 'api', 'broadcast', 'archiver', 'closer', 'relay'] as const;
export type Role = (typeof ROLES)[number];

/** What a node does: auctions and bids over HTTP, viewers over WebSocket, or one of the loops. */
export type DutyName = Exclude<Role, 'all'>;

/** Where a node of each role listens unless SERVER_ADDR says otherwise. */
const ROLE_ADDRESS: Readonly<Record<Role, string>> = {
  all: ':8080',
  api: ':8080',
  broadcast: ':8081',
  archiver: ':8082',
  closer: ':8083',
  relay: ':8084',
};

/** @throws ConfigError */
export function readRoleConfig(role: Role, environment: Environment = process.env): Config {
  const address = givenText('SERVER_ADDR', environment) ?? ROLE_ADDRESS[role];
  return readConfig({ ...environment, SERVER_ADDR: address });
}

export function hasDuty(role: Role, duty: DutyName): boolean {
  return role === 'all' || role === duty;
}

export function hasRedis({ redisAddresses, redisHost }: Config): boolean {
  return redisAddresses.length > 0 || redisHost !== '';
}

/** The settings without which nothing can be shared with another process. */
export function missingForSharing(config: Config): string[] {
  return [
    ...(hasRedis(config) ? [] : ['REDIS_ADDR']),
    ...(config.natsUrl === '' ? ['NATS_URL'] : []),
    ...(config.postgresUrl === '' ? ['POSTGRES_URL'] : []),
  ];
}
