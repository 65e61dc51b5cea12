/** What the routes of items have in common: the id in the path, the admin key, and an unknown item. */
import { Type } from '@sinclair/typebox';
import { HttpError } from '../http/http-error.ts';
import type { Parameter } from '../http/route.ts';
import { Id } from '../http/schema.ts';

export const ITEM_TAG = 'Live items';

export const ITEM_ID: Parameter = {
  in: 'path',
  name: 'id',
  description: 'the id of the item',
  schema: { ...Id, examples: ['lamp'] },
};

export const ADMIN_KEY: Parameter = {
  in: 'header',
  name: 'X-Admin-Key',
  description: 'the admin key; or as Authorization: Bearer',
  schema: Type.String(),
  credential: 'needed',
};

/** For those who may come without it. */
export const ADMIN_LOOKS: Parameter = {
  ...ADMIN_KEY,
  description: 'the admin key, to see all bidders of an item that masks them',
  credential: 'optional',
};

/** The bidder's token; without tokens (AUTH_MODE) nobody asks for one. */
export const BIDDER_TOKEN: Parameter = {
  in: 'header',
  name: 'Authorization',
  description: 'the token of the bidder',
  schema: Type.String(),
  credential: 'optional',
};

export function itemNotFound(itemId: string): HttpError {
  return new HttpError(404, 'item_not_found', { message: `There is no item "${itemId}".` });
}
