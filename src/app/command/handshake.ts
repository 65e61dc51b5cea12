/**
 * Why a server does not let an item be watched: its own words, which a WebSocket client keeps from
 * its program, or what is there in its place.
 */
export type Handshake = {
  /** Of the server, with http, https, ws or wss. */
  readonly url: string;
  readonly itemId: string;
};

const ANSWER_WITHIN_MS = 3_000;
const HEADERS = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  // Nobody reads what is made of it.
  'sec-websocket-key': Buffer.alloc(16).toString('base64'),
};

/** Null when the server would take it now. */
export async function refusalOf({ url, itemId }: Handshake): Promise<string | null> {
  const target = new URL('/ws', url.replace(/^ws/, 'http'));
  target.searchParams.set('item_id', itemId);
  const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
  try {
    const reply = await fetch(target, { headers: HEADERS, redirect: 'manual', signal });
    return reply.status === 101 ? null : await wordsOf(reply);
  } catch (error) {
    return `the server cannot be reached (${causeOf(error)})`;
  }
}

async function wordsOf(reply: Response): Promise<string> {
  const body: unknown = await reply.json().catch(() => null);
  const message = typeof body === 'object' && body !== null && 'message' in body && body.message;
  if (typeof message === 'string') return `the server answers ${reply.status}: ${message}`;
  return `what is there answers ${reply.status}, and not as Gavel does`;
}

function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return `no answer within ${ANSWER_WITHIN_MS} ms`;
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}
