import { describe, expect, test } from 'bun:test';
import { readRoleConfig } from './role.ts';

describe('readRoleConfig', () => {
  test.each([
    ['all', 8080],
    ['api', 8080],
    ['broadcast', 8081],
    ['archiver', 8082],
    ['closer', 8083],
    ['relay', 8084],
  ] as const)('%s listens on port %d unless SERVER_ADDR sets another', (role, port) => {
    for (const environment of [{}, { SERVER_ADDR: '' }, { SERVER_ADDR: '  ' }]) {
      expect(readRoleConfig(role, environment).serverAddress).toEqual({
        hostname: '0.0.0.0',
        port,
      });
    }
    const set = { SERVER_ADDR: '127.0.0.1:9000' };
    expect(readRoleConfig(role, set).serverAddress).toEqual({ hostname: '127.0.0.1', port: 9000 });
  });

  test('reads all other settings as they are', () => {
    expect(readRoleConfig('relay', { SEED: '7' }).seed).toBe(7);
    expect(() => readRoleConfig('relay', { SERVER_ADDR: 'x' })).toThrow('SERVER_ADDR="x"');
  });
});
