import { expect, test } from 'bun:test';
import { definitionOf } from '../../../../test/support/live-item.ts';
import type { ItemState } from '../../../live/rule/item.ts';
import { newItem } from '../../../live/rule/life.ts';
import { createHeldItems } from './held-items.ts';

function stateOf(itemId: string): ItemState {
  return newItem({ ...definitionOf(), itemId }, 'epoch_1', 0);
}

/** Rows that hold every item asked for, and count how often they were read. */
function createStage(mostItems: number) {
  const read: string[] = [];
  const find = (itemId: string) => {
    read.push(itemId);
    return stateOf(itemId);
  };
  return { read, items: createHeldItems({ find }, mostItems) };
}

test('beyond its bound the longest held item goes, and is read again when it is asked for', () => {
  const { read, items } = createStage(2);
  for (const itemId of ['a', 'b', 'c', 'b', 'c', 'a']) items.find(itemId);
  expect(read).toEqual(['a', 'b', 'c', 'a']);
});

test('an item that holds what is not committed is never dropped', () => {
  const { read, items } = createStage(2);
  const touched = items.find('a');
  if (touched === null) throw new Error('no item');
  touched.isTouched = true;
  for (const itemId of ['b', 'c', 'd']) items.find(itemId);
  expect(items.find('a')).toBe(touched);
  expect(read).toEqual(['a', 'b', 'c', 'd']);
});

test('when nothing may be dropped the bound gives way', () => {
  const { read, items } = createStage(1);
  for (const itemId of ['a', 'b', 'c']) {
    const item = items.find(itemId);
    if (item !== null) item.isTouched = true;
  }
  for (const itemId of ['a', 'b', 'c']) items.find(itemId);
  expect(read).toEqual(['a', 'b', 'c']);
});
