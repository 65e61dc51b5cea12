import { expect, test } from 'bun:test';
import { missingPackages } from './debian.ts';

test('a package is missing when one of its programs is', () => {
  const all = (name: string) => `/usr/bin/${name}`;
  expect(missingPackages(all)).toEqual([]);
  const withoutSome = (name: string) => (/initdb|nats/.test(name) ? undefined : all(name));
  expect(missingPackages(withoutSome)).toEqual(['nats-server', 'postgresql']);
});

test('the tests run with every server installed', () => {
  expect(missingPackages()).toEqual([]);
});
