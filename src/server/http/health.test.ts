import { expect, test } from 'bun:test';
import { createManualClock } from '../../../test/support/manual-clock.ts';
import { present } from '../../core/assert.ts';
import { healthRoutes } from './health.ts';
import type { Call } from './route.ts';

async function told(hasDetail: boolean): Promise<unknown> {
  const routes = healthRoutes({
    clock: createManualClock(),
    service: 'gavel',
    hasDetail,
    notReady: () => undefined,
    report: () => ({ degraded: ['postgres'], deadLetters: 2 }),
  });
  const { handle } = present(
    routes.find(({ path }) => path === '/health'),
    'the route',
  );
  return (await handle({} as Call))?.json();
}

test('with detail the parts that are away are named', async () => {
  expect(await told(true)).toMatchObject({
    status: 'degraded',
    degraded: ['postgres'],
    dead_letters: 2,
  });
});

test('without detail only the status is told', async () => {
  const body = (await told(false)) as object;
  expect(body).toMatchObject({ status: 'degraded' });
  expect(Object.keys(body).sort()).toEqual(['service', 'status', 'time', 'timestamp']);
});
