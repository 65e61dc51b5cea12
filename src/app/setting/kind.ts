/** The kinds of settings: how a text of the environment becomes a value, and how that is said. */
import { type Cidr, parseCidr } from '../../server/http/client-address.ts';
import { originKey } from '../../server/http/origin.ts';
import { publicTokenKey } from '../../server/live/token-key.ts';
import type { Setting } from './section.ts';

type Kind<Value> = Pick<Setting<Value>, 'allowed' | 'read'>;

export type ServerAddress = { readonly hostname: string; readonly port: number };

export function integer(low: number, high: number) {
  return {
    allowed: `a whole number from ${low} to ${high}`,
    read: (text: string): number | undefined => {
      const value = Number(text);
      return /^\d+$/.test(text) && value >= low && value <= high ? value : undefined;
    },
  };
}

export function oneOf<const Names extends readonly string[]>(names: Names) {
  return {
    allowed: `one of ${names.join(', ')}`,
    read: (text: string): Names[number] | undefined => names.find((name) => name === text),
  };
}

/** Any text; the setting has a default, so an empty one never comes here. */
export function anyText(allowed: string) {
  return { allowed, read: (given: string): string => given };
}

/** A kind that may be left out, which means `without`: then the value is null. */
export function optional<Value>(
  { allowed, read }: Kind<Value>,
  without: string,
): Kind<Value | null> & { readonly fallback: '' } {
  return {
    fallback: '',
    allowed: `${allowed}, or empty: ${without}`,
    read: (given) => (given === '' ? null : read(given)),
  };
}

/** A text that may be left out: then it is empty. */
export function text(allowed: string, isGood: (text: string) => boolean = () => true) {
  return {
    fallback: '',
    allowed: `${allowed}, or empty`,
    read: (given: string): string | undefined =>
      given === '' || isGood(given) ? given : undefined,
  };
}

/** The address of another server: a host and a port. */
export type PeerAddress = { readonly host: string; readonly port: number };

/** One address, or several with commas between; an empty text is none. */
export function peers() {
  return {
    fallback: '',
    allowed: 'host:port, several with commas between, or empty',
    read: (given: string): readonly PeerAddress[] | undefined => {
      const addresses = partsOf(given).map(readPeer);
      return addresses.includes(undefined) ? undefined : (addresses as PeerAddress[]);
    },
  };
}

function readPeer(given: string): PeerAddress | undefined {
  const match = /^(?<host>\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+):(?<port>\d{1,5})$/.exec(given);
  const { host = '', port = '0' } = match?.groups ?? {};
  const number = Number(port);
  if (number < 1 || number > 65_535) return undefined;
  return { host: host.replace(/^\[|\]$/g, ''), port: number };
}

/** An address as a URL of a scheme. */
export function url(schemes: readonly string[]) {
  return text(formOf(schemes), (given) => isUrl(given, schemes));
}

/** Several of them, with commas between. */
export function urls(schemes: readonly string[]) {
  const isGood = (given: string) => given.split(',').every((one) => isUrl(one.trim(), schemes));
  return text(`${formOf(schemes)}, several with commas between`, isGood);
}

function formOf(schemes: readonly string[]): string {
  return schemes.map((scheme) => `${scheme}//…`).join(' or ');
}

function isUrl(given: string, schemes: readonly string[]): boolean {
  return schemes.includes(URL.parse(given)?.protocol ?? '');
}

function partsOf(given: string): string[] {
  return given
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

export function readServerAddress(text: string): ServerAddress | undefined {
  const match = /^(?<host>\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]*):(?<port>\d{1,5})$/.exec(text);
  const port = Number(match?.groups?.['port']);
  if (match === null || port > 65_535) return undefined;
  const host = match.groups?.['host'] ?? '';
  return { hostname: host === '' ? '0.0.0.0' : host.replace(/^\[|\]$/g, ''), port };
}

export function readOrigins(text: string): readonly string[] | undefined {
  const origins = partsOf(text);
  return origins.every((origin) => originKey(origin) !== undefined) ? origins : undefined;
}

export function readCidrs(text: string): readonly Cidr[] | undefined {
  const ranges = partsOf(text).map(parseCidr);
  return ranges.includes(undefined) ? undefined : (ranges as Cidr[]);
}

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

export function isKeySetUrl(given: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(given);
}

/** A path, or a URL that nobody on the way can answer for: https, or http to this machine. */
export function isKeySetPlace(given: string): boolean {
  if (!isKeySetUrl(given)) return true;
  const { protocol, hostname, username, password } = URL.parse(given) ?? {};
  if (username !== '' || password !== '') return false;
  return protocol === 'https:' || (protocol === 'http:' && LOOPBACK.test(hostname ?? ''));
}

/** An environment often cannot hold line breaks: write them as \n. */
export function readPublicKey(text: string): string | undefined {
  const pem = text.replaceAll('\\n', '\n');
  return pem === '' || publicTokenKey(pem) !== undefined ? pem : undefined;
}
