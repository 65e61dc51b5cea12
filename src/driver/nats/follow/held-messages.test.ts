import { expect, test } from 'bun:test';
import type { Msg } from '@nats-io/transport-node';
import { createManualTime } from '../../../../test/support/manual-timers.ts';
import { holdMessages } from './held-messages.ts';

const ACK_WAIT_MS = 3_000;

function openHeld() {
  const { timers, advance } = createManualTime();
  const answers: string[] = [];
  const messageOf = (name: string) =>
    ({ respond: (answer: string) => answers.push(`${name} ${answer}`) }) as unknown as Msg;
  return { held: holdMessages(timers, ACK_WAIT_MS), messageOf, answers, advance };
}

test('held messages are renewed three times per ack wait, until they are acked', () => {
  const { held, messageOf, answers, advance } = openHeld();
  const message = messageOf('first');
  held.hold(message);
  advance(ACK_WAIT_MS);
  expect(answers).toEqual(Array(3).fill('first +WPI'));
  held.pass([message]);
  advance(ACK_WAIT_MS);
  expect(answers.slice(3)).toEqual(['first +ACK']);
});

test('unacked messages are given back at the end, and no longer renewed', () => {
  const { held, messageOf, answers, advance } = openHeld();
  const passed = messageOf('first');
  for (const message of [passed, messageOf('second')]) held.hold(message);
  held.pass([passed]);
  held.giveBack();
  advance(ACK_WAIT_MS);
  expect(answers).toEqual(['first +ACK', 'second -NAK']);
});
