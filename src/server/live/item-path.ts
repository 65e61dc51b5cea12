/** What every route of one item has: its id in the path, and an answer when there is no such item. */
import { HttpError } from '../http/http-error.ts';
import type { Parameter } from '../http/route.ts';
import { Id } from '../http/schema.ts';

export const ITEM_TAG = 'Live items';

export const ITEM_ID: Parameter = {
  in: 'path',
  name: 'id',
  description: 'the id of the item',
  schema: Id,
};

export function itemNotFound(itemId: string): HttpError {
  return new HttpError(404, 'item_not_found', { message: `There is no item "${itemId}".` });
}
