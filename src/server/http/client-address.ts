/**
 * Whose request it is, for the rate limit: the `ip` of the body (a publisher's server speaks for its
 * user), else X-Forwarded-For when the peer is a trusted proxy, else the peer.
 *
 * Addresses are made one text each: IPv4 as it is, IPv4 inside IPv6 as IPv4, IPv6 by its /64, since
 * one client owns at least that much.
 */
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

export type Cidr = readonly [address: ipaddr.IPv4 | ipaddr.IPv6, prefixLength: number];

const NETWORK_BYTES_OF_64 = 8;
const MAX_FORWARDED_HOPS = 32;

/** The key of an address, or undefined when the text is not one. */
export function addressKey(text: string): string | undefined {
  const family = isIP(text);
  if (family === 4) return text;
  if (family === 0 || text.includes('%')) return undefined;
  const address = ipaddr.IPv6.parse(text);
  if (address.isIPv4MappedAddress()) return address.toIPv4Address().toString();
  return `${Buffer.from(address.toByteArray().slice(0, NETWORK_BYTES_OF_64)).toString('hex')}/64`;
}

/** An address or a range; undefined when the text is neither. */
export function parseCidr(text: string): Cidr | undefined {
  const [address = '', prefix] = text.split('/');
  if (isIP(address) === 0 || address.includes('%')) return undefined;
  if (prefix === undefined) return parseCidr(`${address}/${isIP(address) === 4 ? 32 : 128}`);
  return ipaddr.isValidCIDR(text) ? ipaddr.parseCIDR(text) : undefined;
}

/** Finds the client behind trusted proxies: the last forwarded address that no trusted proxy has. */
export function createForwardedReader(trusted: readonly Cidr[]) {
  function isTrusted(text: string): boolean {
    if (isIP(text) === 0) return false;
    const address = ipaddr.process(text);
    return trusted.some(
      ([network, prefix]) =>
        network.kind() === address.kind() && address.match([network, prefix] as never),
    );
  }

  return (peer: string, forwardedFor: string | null): string => {
    if (trusted.length === 0 || forwardedFor === null || !isTrusted(peer)) return peer;
    const hops = forwardedFor
      .split(',')
      .slice(-MAX_FORWARDED_HOPS)
      .map((hop) => hop.trim());
    for (const hop of hops.reverse()) {
      if (addressKey(hop) === undefined) return peer;
      if (!isTrusted(hop)) return hop;
    }
    return hops.at(-1) ?? peer;
  };
}
