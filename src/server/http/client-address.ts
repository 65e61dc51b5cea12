/**
 * Whose request it is, for limits: the `ip` of the body (a publisher's server speaks for its user), else
 * what trusted proxies forwarded (X-Forwarded-For, or Forwarded of RFC 7239), else the peer.
 *
 * Addresses are made one text each: IPv4 as it is, IPv4 inside IPv6 (mapped, or NAT64 of RFC 6052) as
 * IPv4, IPv6 by its /64, since one client owns at least that much. Proxies write addresses with ports,
 * brackets and quotes: these are taken off.
 */
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

export type Cidr = readonly [address: ipaddr.IPv4 | ipaddr.IPv6, prefixLength: number];

const NETWORK_BYTES_OF_64 = 8;
const MAX_FORWARDED_HOPS = 32;
const EMBEDDED_BITS = 96;
const NAT64: Cidr = [ipaddr.IPv6.parse('64:ff9b::'), EMBEDDED_BITS];

/** The key of an address, or undefined when the text is not one. */
export function addressKey(text: string): string | undefined {
  const address = readAddress(text);
  if (address === undefined) return undefined;
  if (address.kind() === 'ipv4') return address.toString();
  return `${Buffer.from(address.toByteArray().slice(0, NETWORK_BYTES_OF_64)).toString('hex')}/64`;
}

/** IPv4 inside IPv6 comes as IPv4; undefined when the text is no address. */
function readAddress(text: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  const family = isIP(text);
  if (family === 4) return ipaddr.IPv4.parse(text);
  if (family === 0 || text.includes('%')) return undefined;
  const address = ipaddr.IPv6.parse(text);
  if (address.isIPv4MappedAddress()) return address.toIPv4Address();
  return address.match([NAT64[0] as ipaddr.IPv6, EMBEDDED_BITS]) ? lastFourBytes(address) : address;
}

function lastFourBytes(address: ipaddr.IPv6): ipaddr.IPv4 {
  return new ipaddr.IPv4(address.toByteArray().slice(-4));
}

/** An address or a range; undefined when the text is neither. IPv4 inside IPv6 is read as IPv4. */
export function parseCidr(text: string): Cidr | undefined {
  const [host = '', prefix, rest] = text.split('/');
  const address = readAddress(host);
  if (address === undefined || rest !== undefined) return undefined;
  const writtenBits = isIP(host) === 4 ? 32 : 128;
  const written = prefix === undefined ? writtenBits : Number(prefix);
  if (prefix !== undefined && !/^\d{1,3}$/.test(prefix)) return undefined;
  const isEmbedded = address.kind() === 'ipv4' && writtenBits === 128;
  const bits = isEmbedded ? written - EMBEDDED_BITS : written;
  return bits < 0 || written > writtenBits ? undefined : [address, bits];
}

/** Finds the client behind trusted proxies: the last forwarded address that no trusted proxy has. */
export type ForwardedReader = (peer: string, headers: Headers) => string;

export function createForwardedReader(trusted: readonly Cidr[]): ForwardedReader {
  function isTrusted(text: string): boolean {
    const address = readAddress(text);
    if (address === undefined) return false;
    return trusted.some(
      ([network, prefix]) =>
        network.kind() === address.kind() && address.match([network, prefix] as never),
    );
  }

  return (peer, headers) => {
    if (trusted.length === 0 || !isTrusted(peer)) return peer;
    const hops = forwardedHops(headers).slice(-MAX_FORWARDED_HOPS);
    for (const hop of hops.toReversed()) {
      if (addressKey(hop) === undefined) return peer;
      if (!isTrusted(hop)) return hop;
    }
    return hops[0] ?? peer;
  };
}

/** What proxies forwarded, the farthest first: of both headers the one that more of them write. */
function forwardedHops(headers: Headers): string[] {
  const forwardedFor = headers.get('x-forwarded-for');
  if (forwardedFor !== null) return elements(forwardedFor).map(bareHost);
  return elements(headers.get('forwarded') ?? '').map((element) => {
    const pair = element.split(';').find((one) => /^\s*for\s*=/i.test(one)) ?? '';
    return bareHost(pair.slice(pair.indexOf('=') + 1));
  });
}

function elements(header: string): string[] {
  return header
    .split(',')
    .map((element) => element.trim())
    .filter((element) => element !== '');
}

/** An address without the quotes, brackets and port that it may be written with. */
function bareHost(text: string): string {
  const host = text.trim().replace(/^"(.*)"$/, '$1');
  const bracketed = /^\[([^\]]*)\](?::\d+)?$/.exec(host);
  if (bracketed !== null) return bracketed[1] ?? '';
  return /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(host)?.[1] ?? host;
}
