/**
 * The alias of a bidder on an item that masks its bidders: 8 characters of base32 (a-z 2-7) of an HMAC
 * under the item's own secret. Whoever does not know the secret cannot find out an id by trying ids.
 */
import { createHmac } from 'node:crypto';
import type { AliasOf } from '../../live/rule/view.ts';

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';
const CHARACTERS = 8;

export const aliasOf: AliasOf = (secret, userId) =>
  Array.from(
    createHmac('sha256', secret).update(userId).digest().subarray(0, CHARACTERS),
    // Five bits of each byte: every character is equally likely.
    (byte) => BASE32[byte % BASE32.length],
  ).join('');
