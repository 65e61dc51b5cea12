/** A client of the exchange's routes that keeps status, headers and body of every answer. */
export type Reply<Body = unknown> = {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
};

export type BidBody = { winner: string | null; price: number | null; auction_id: string };
export type BatchBody = {
  auction_id: string;
  winning_bids: { bidder_id: string | number; supply_id: string | number; amount: number }[];
  total_revenue: number;
  timestamp: string;
  unsold?: { supply_id: string | number; reason: string }[];
};
export type StatBody = Record<
  string,
  {
    total_reqs: number;
    reqs_per_country: Record<string, number>;
    bidders: Record<
      string,
      { wins: number; total_revenue: number; no_bids: number; timeouts: number }
    >;
  }
>;
export type TotalsBody = {
  total_auctions: number;
  total_revenue: number;
  top_bidders: { bidder_id: string | number; total_spent: number; auction_count: number }[];
  top_supplies: { supply_id: string | number; total_revenue: number; auction_count: number }[];
};
type BidderReport = {
  bidder_id: string;
  answer: string;
  price: number | null;
  latency_ms: number;
  state: string;
  reason: string;
};
export type AuctionBody = {
  auction_id: string;
  kind: string;
  catalog_version: number;
  impressions: {
    supply_id: string;
    country: string | null;
    winner: string | null;
    price: number | null;
    bidders: BidderReport[];
  }[];
};
export type ErrorBody = { error: string; message: string };

export async function get<Body>(url: string): Promise<Reply<Body>> {
  return await read(await fetch(url));
}

export async function post<Body>(
  url: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Reply<Body>> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  return await read(response);
}

async function read<Body>(response: Response): Promise<Reply<Body>> {
  const body = (await response.json()) as Body;
  return { status: response.status, headers: response.headers, body };
}

export function bid(
  url: string,
  body: Readonly<Record<string, unknown>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<Reply<BidBody>> {
  return post(`${url}/bid`, body, headers);
}

/** The example of seed 000. */
export const BATCH_EXAMPLE = {
  bidders: [{ id: 1, bid_floor: 100 }],
  supplies: [{ id: 1, floor_price: 50 }],
};

export function bidBatch(
  url: string,
  body: unknown = BATCH_EXAMPLE,
  headers: Readonly<Record<string, string>> = {},
): Promise<Reply<BatchBody>> {
  return post(`${url}/api/v1/bid`, body, headers);
}

/** A sum without the noise of floats: amounts have at most six decimals. */
export function sum(amounts: readonly number[]): number {
  return amounts.reduce((total, amount) => total + Math.round(amount * 1_000_000), 0) / 1_000_000;
}
