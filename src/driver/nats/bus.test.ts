import { afterAll } from 'bun:test';
import { sharedNats } from '../../../test/support/servers.ts';
import { SYSTEM_TIME } from '../../../test/support/system-time.ts';
import { busContract, type OpenedBus } from '../../flow/bus.contract.ts';
import { openNatsBus } from './bus.ts';
import { openNats } from './line/connection.ts';
import { BID_CHANNEL } from './stream/channel.ts';

const ignore = () => undefined;
const { url } = await sharedNats();
const options = { ...SYSTEM_TIME, onError: ignore };
const connection = openNats({ urls: [url], name: 'contract' }, options);
afterAll(() => connection[Symbol.asyncDispose]());
let channels = 0;

function openOn(number: number): OpenedBus {
  const names = { stream: `CONTRACT${number}`, subject: `contract${number}`, durables: [] };
  const options = { onError: ignore, maxBytes: 1024 * 1024, ackWaitMs: 1_000 };
  const bus = openNatsBus(connection, { ...BID_CHANNEL, ...names }, options);
  const reopen = async () => {
    await bus[Symbol.asyncDispose]();
    return openOn(number);
  };
  return { bus, reopen };
}

busContract('the NATS bus', async () => {
  await connection.whenUp();
  channels += 1;
  return openOn(channels);
});
