import { expect, test } from 'bun:test';
import { missingPackages, PACKAGES } from './debian.ts';

test('a package is missing when one of its programs is', () => {
  const all = (name: string) => `/usr/bin/${name}`;
  expect(missingPackages(PACKAGES.servers, all)).toEqual([]);
  const withoutSome = (name: string) => (/initdb|nats/.test(name) ? undefined : all(name));
  expect(missingPackages(PACKAGES.servers, withoutSome)).toEqual(['nats-server', 'postgresql']);
});

test('the tests run with every server installed', () => {
  expect(missingPackages(PACKAGES.servers)).toEqual([]);
});
