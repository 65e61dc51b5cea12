import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { createLeastTree } from './least-tree.ts';

test('the first place from here with at most that number is found, as by a linear search', () => {
  const bounds = fc.oneof(fc.nat(20), fc.constant(Number.POSITIVE_INFINITY));
  const draws = fc.array(fc.tuple(bounds, fc.nat(20)), { maxLength: 60 });
  fc.assert(
    fc.property(fc.array(fc.nat(20), { maxLength: 20 }), draws, (values, questions) => {
      const tree = createLeastTree(values);
      const left: number[] = values.slice();
      for (const [bound, from] of questions) {
        const expected = left.findIndex(
          (value, place) => place >= from && value <= Math.min(bound, 20),
        );
        const place = tree.firstAtMost(bound, from);
        expect(place).toBe(expected === -1 ? undefined : expected);
        if (place === undefined) continue;
        tree.remove(place);
        left[place] = Number.POSITIVE_INFINITY;
      }
    }),
  );
});
