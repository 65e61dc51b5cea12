/**
 * A JSON Web Key Set that the identity provider publishes: read over HTTP when it is needed, and again
 * when a token names a key that it does not hold, at most once in a while.
 *
 * While it cannot be read, or is not one, the set that was read last stays in force: an outage of the
 * provider stops no auction. Without one tokens cannot be judged (`KeySetAwayError`). A key that was
 * taken out of the set is forgotten within `REFRESH_MS`.
 */
import { createRemoteJWKSet, customFetch, type JWTVerifyGetKey } from 'jose';
import type { Clock } from '../../core/clock.ts';
import {
  ASYMMETRIC,
  KeySetAwayError,
  KeySetFault,
  type TokenKey,
  usableKeys,
} from './token-key.ts';

const TIMEOUT_MS = 3_000;
/** How often a token of an unknown key may cause a call. */
const COOLDOWN_MS = 5_000;
const REFRESH_MS = 10 * 60_000;
/** How long after a call that failed the next one may be made. */
const PAUSE_MS = 1_000;
const MOST_BYTES = 256 * 1024;

export type RemoteKeySetParts = {
  readonly url: URL;
  readonly clock: Clock;
  /** The set could not be read: the first of several failures in a row. */
  onAway(error: unknown): void;
  readonly cooldownMs?: number;
};

export type RemoteKeySet = TokenKey & {
  /** Reads the set now. @throws KeySetFault or KeySetAwayError */
  reload(): Promise<void>;
};

export function openRemoteKeySet(parts: RemoteKeySetParts): RemoteKeySet {
  const read = createReader(parts);
  const find = createRemoteJWKSet(parts.url, {
    timeoutDuration: TIMEOUT_MS,
    cooldownDuration: parts.cooldownMs ?? COOLDOWN_MS,
    cacheMaxAge: REFRESH_MS,
    [customFetch]: async (url, { headers, signal }) =>
      new Response(await read(() => fetchSet(url, { headers, signal, redirect: 'error' }))),
  });
  return { algorithms: ASYMMETRIC, find: find satisfies JWTVerifyGetKey, reload: find.reload };
}

/** Gives the newest set as JSON of its usable keys; the one before when there is none. */
function createReader({ clock, onAway }: RemoteKeySetParts) {
  let last: string | null = null;
  let failedAtMs: number | null = null;

  return async (fetchText: () => Promise<string>): Promise<string> => {
    const isTooSoon = failedAtMs !== null && clock.elapsedMs() - failedAtMs < PAUSE_MS;
    try {
      if (isTooSoon) throw new KeySetAwayError('the key set could not be read a moment ago');
      last = JSON.stringify({ keys: usableKeys(await fetchText()) });
      failedAtMs = null;
      return last;
    } catch (error) {
      if (failedAtMs === null) onAway(error);
      if (!isTooSoon) failedAtMs = clock.elapsedMs();
      if (last !== null) return last;
      throw error;
    }
  };
}

async function fetchSet(url: string, init: RequestInit): Promise<string> {
  const away = (why: string, cause?: unknown) =>
    new KeySetAwayError(`the key set could not be read: ${why}`, { cause });
  const response = await fetch(url, init).catch((cause: unknown) => {
    throw away(cause instanceof Error ? cause.message : String(cause), cause);
  });
  if (response.status !== 200) throw away(`its server answers ${response.status}`);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response.body ?? []) {
      bytes += chunk.byteLength;
      if (bytes > MOST_BYTES) throw new KeySetFault(`is longer than ${MOST_BYTES} bytes`);
      chunks.push(chunk);
    }
  } catch (cause) {
    throw cause instanceof KeySetFault ? cause : away('its server stopped', cause);
  }
  return Buffer.concat(chunks).toString('utf8');
}
