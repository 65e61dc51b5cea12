import { expect, test } from 'bun:test';
import { batchId } from './view.ts';

test.each(['0', '7', '9007199254740991'])('the id %p is shown as a number', (id) => {
  expect(batchId(id)).toBe(Number(id));
});

test.each(['9007199254740992', '9007199254740993', '007', '1.5', '1e3', '-0', 'NaN', ''])(
  'the id %p is shown as the text that it is',
  (id) => {
    expect(batchId(id)).toBe(id);
  },
);
