/**
 * Which pages may use this server: an origin is parsed as what it is, never compared as text.
 *
 * An origin is a scheme, a host and a port; the default port of http and https need not be written. Apps
 * have schemes of their own (`capacitor://localhost`).
 */

const WEB = new Set(['http:', 'https:']);

/** One text per origin; undefined when the text is no origin: a path, a wildcard, a user are none. */
export function originKey(text: string): string | undefined {
  const url = URL.parse(text);
  if (url === null || url.host === '' || /[*%]/.test(url.host)) return undefined;
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    return undefined;
  }
  if (url.pathname !== '' && url.pathname !== '/') return undefined;
  return text.endsWith('/') ? undefined : `${url.protocol}//${url.host.toLowerCase()}`;
}

/** Whether a page of this origin was served from the host that the request names. */
function isOwn(origin: string, host: string | null): boolean {
  const page = URL.parse(origin);
  if (page === null || host === null || !WEB.has(page.protocol)) return false;
  // A proxy in front may end TLS, so the scheme of the request says nothing: that of the page counts.
  return URL.parse(`${page.protocol}//${host}`)?.host === page.host;
}

export type PageAccess = {
  /** Whether pages of this origin may use the server; a client that names none is no page. */
  allows(headers: Headers): boolean;
  /** The origin to name in the answer, when it is another than the server's own. */
  foreign(headers: Headers): string | null;
};

/** @param origins whose pages may; only the server's own when empty. */
export function createPageAccess(origins: readonly string[]): PageAccess {
  const keys = new Set(origins.map(originKey));
  const isListed = (origin: string) => {
    const key = originKey(origin);
    return key !== undefined && keys.has(key);
  };
  return {
    allows: (headers) => {
      const origin = headers.get('origin');
      if (origin === null) return true;
      return origins.length === 0 ? isOwn(origin, headers.get('host')) : isListed(origin);
    },
    foreign: (headers) => {
      const origin = headers.get('origin');
      return origin !== null && isListed(origin) ? origin : null;
    },
  };
}
