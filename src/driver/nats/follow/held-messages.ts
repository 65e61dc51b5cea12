/**
 * Messages in work: their ack wait is renewed, so that the server gives them to no other
 * subscriber.
 */
import type { Msg } from '@nats-io/transport-node';
import { every, type Timers } from '../../../core/timer.ts';

const ACK = '+ACK';
const NOT_NOW = '-NAK';
const WORKING = '+WPI';

export type HeldMessages = {
  hold(message: Msg): void;
  pass(messages: readonly Msg[]): void;
  /** Gives back the unacked messages, and holds no more. */
  giveBack(): void;
};

/** @param ackWaitMs the server's: without a renewal for so long it redelivers a message */
export function holdMessages(timers: Timers, ackWaitMs: number): HeldMessages {
  const held = new Set<Msg>();
  const stop = every(timers, ackWaitMs / 3, () => {
    for (const message of held) message.respond(WORKING);
  });
  return {
    hold: (message) => held.add(message),
    pass(messages) {
      for (const message of messages) {
        message.respond(ACK);
        held.delete(message);
      }
    },
    giveBack() {
      stop();
      for (const message of held) message.respond(NOT_NOW);
    },
  };
}
