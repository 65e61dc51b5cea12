/** Messages that are worked on: the server hears of them again and again, and gives them to nobody else. */
import type { Msg } from '@nats-io/transport-node';
import { every, type Timers } from '../../../core/timer.ts';

const ACK = '+ACK';
const NOT_NOW = '-NAK';
const WORKING = '+WPI';

export type HeldMessages = {
  hold(message: Msg): void;
  pass(messages: readonly Msg[]): void;
  /** Gives back what was not passed, and holds no more. */
  giveBack(): void;
};

/** @param ackWaitMs the server's: what it does not hear of for so long it gives to another */
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
