/**
 * The settings of a node: the only reader of the environment.
 *
 * Every setting is a row of a section: its name, what is allowed, its default. `readConfig` gives
 * typed values or one `ConfigError` that lists every bad value with what is allowed there. A variable
 * that is empty counts as unset. Unknown variables are ignored, as the environment belongs to others
 * too; `misspeltNote` names those that look like a setting.
 */
import { type ExchangeConfig, exchangeSection } from './exchange.ts';
import { type IdentityConfig, identitySection } from './identity.ts';
import { type LiveConfig, liveSection } from './live.ts';
import { findMisspelt } from './misspelt.ts';
import { type NatsConfig, natsSection } from './nats.ts';
import { type NodeConfig, nodeSection } from './node.ts';
import { type PostgresConfig, postgresSection } from './postgres.ts';
import { type RedisConfig, redisSection } from './redis.ts';
import type { Setting } from './section.ts';

const SECTIONS = [
  nodeSection,
  exchangeSection,
  liveSection,
  identitySection,
  redisSection,
  natsSection,
  postgresSection,
];

export type Config = NodeConfig &
  ExchangeConfig &
  LiveConfig &
  IdentityConfig &
  RedisConfig &
  NatsConfig &
  PostgresConfig;

export type Environment = Readonly<Record<string, string | undefined>>;

/** One message that lists every bad value of an environment. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** @throws ConfigError */
export function readConfig(environment: Environment = process.env): Config {
  const readings = rowsOfAll().map(([name, row]) => {
    const text = textOf(row, environment);
    return { name, row, text, value: row.read(text) };
  });
  const refused = readings.filter(({ value }) => value === undefined);
  const config = Object.fromEntries(
    readings.map(({ name, value }) => [name, value]),
  ) as Partial<Config>;
  const isGiven = (variable: string) => givenText(variable, environment) !== undefined;
  const faults = [
    ...refused.map(({ row, text }) => `${row.variable}="${shown(row, text)}": ${row.allowed}`),
    ...SECTIONS.flatMap((section) => section.faults(config, isGiven)),
  ];
  if (faults.length > 0) throw new ConfigError(refusal(faults, misspeltNote(environment)));
  return config as Config;
}

function refusal(faults: readonly string[], note: string | null): string {
  const lines = ['These settings cannot be used:', ...faults.map((fault) => `  ${fault}`)];
  return [...lines, ...(note === null ? [] : [note])].join('\n');
}

/** What an environment sets a variable to, undefined when nothing: an empty one sets nothing. */
export function givenText(variable: string, environment: Environment): string | undefined {
  const text = environment[variable]?.trim();
  return text === '' ? undefined : text;
}

/** One sentence that names the variables that look like misspelt settings; null without any. */
export function misspeltNote(environment: Environment = process.env): string | null {
  const given = Object.keys(environment).filter(
    (variable) => givenText(variable, environment) !== undefined,
  );
  const settings = rowsOfAll().map(([, { variable }]) => variable);
  const pairs = findMisspelt(given, settings).map(
    ({ variable, meant }) => `${variable} (is ${meant} meant?)`,
  );
  return pairs.length === 0 ? null : `No setting has this name: ${pairs.join(', ')}`;
}

/** A setting as it is in force, all in texts, with a secret masked. */
export type SettingLine = {
  readonly variable: string;
  readonly value: string;
  readonly source: 'environment' | 'default';
  readonly default: string;
  readonly allowed: string;
  readonly purpose: string;
  readonly section: string;
  readonly secret: boolean;
};

/** What is in force, section by section. */
export function describeConfig(environment: Environment = process.env): SettingLine[] {
  return SECTIONS.flatMap(({ title, rows }) =>
    Object.values(rows).map((row: Setting<unknown>) => ({
      variable: row.variable,
      value: shown(row, textOf(row, environment)),
      source: givenText(row.variable, environment) === undefined ? 'default' : 'environment',
      default: row.fallback,
      allowed: row.allowed,
      purpose: row.purpose,
      section: title,
      secret: row.isSecret === true,
    })),
  );
}

function rowsOfAll(): [name: string, row: Setting<unknown>][] {
  return SECTIONS.flatMap(({ rows }) => Object.entries<Setting<unknown>>(rows));
}

function textOf(row: Setting<unknown>, environment: Environment): string {
  return givenText(row.variable, environment) ?? row.fallback;
}

function shown(row: Setting<unknown>, text: string): string {
  return row.isSecret === true && text !== '' ? '***' : text;
}
