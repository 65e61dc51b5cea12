/** An unnamed subscriber: it gets the events that are published while it is connected. */
import type { NatsConnection as NatsClient, Subscription } from '@nats-io/transport-node';
import type { WorkingPart } from '../../../core/working.ts';
import type { BusFollower } from '../../../flow/bus.ts';
import type { NatsConnection } from '../line/connection.ts';
import type { NatsLine } from '../line/line.ts';
import type { NatsChannel } from '../stream/channel.ts';
import { readMessage } from '../stream/message.ts';

export type PassingFollowerParts<Event> = {
  readonly connection: NatsConnection;
  readonly channel: NatsChannel<Event>;
  readonly follower: Omit<BusFollower<Event>, 'durableName'>;
  readonly working: WorkingPart;
  readonly onError: (error: unknown) => void;
};

/** Resolves, if there is a line, once the server has the subscription. @returns what ends it. */
export async function followPassing<Event>(
  parts: PassingFollowerParts<Event>,
): Promise<() => Promise<void>> {
  const { connection, channel, follower, working } = parts;
  const delivery = createDelivery(parts);
  const wasUp = connection.isUp();
  let subscribed: { readonly client: NatsClient; readonly subscription: Subscription } | null =
    null;
  let lines = 0;

  function subscribe(client: NatsClient): void {
    // The client resubscribes by itself until it is closed.
    if (subscribed?.client === client) return;
    const subscription = client.subscribe(`${channel.subject}.>`, {
      callback: (error, message) => {
        if (error !== null) delivery.fail(error);
        else void delivery.deliver(message.data);
      },
    });
    subscribed = { client, subscription };
  }

  async function arrive({ client, broken }: NatsLine): Promise<void> {
    lines += 1;
    const missed = lines > 1 || !wasUp;
    subscribe(client);
    // Messages published after this answer reach the subscription. After a broken line comes
    // another.
    const isThere = await Promise.race([
      client.flush().then(isTrue, isFalse),
      broken.then(isFalse),
    ]);
    if (isThere && missed && !delivery.isOver()) follower.onMissed?.();
  }

  let first = Promise.resolve();
  const stopArrivals = connection.onUp((line) => {
    first = arrive(line);
  });
  await first;
  return async () => {
    delivery.end();
    working.works();
    stopArrivals();
    subscribed?.subscription.unsubscribe();
  };
}

type Delivery = {
  deliver(data: Uint8Array): Promise<void>;
  fail(error: unknown): void;
  isOver(): boolean;
  end(): void;
};

function createDelivery<Event>(parts: PassingFollowerParts<Event>): Delivery {
  const { channel, follower, working, onError } = parts;
  let isOver = false;

  function read(data: Uint8Array): readonly Event[] {
    try {
      return readMessage(data, channel.idOf);
    } catch (error) {
      onError(error);
      return [];
    }
  }

  function fail(error: unknown): void {
    onError(error);
    if (!isOver) working.failed();
  }

  return {
    async deliver(data) {
      const events = isOver ? [] : read(data);
      if (events.length === 0) return;
      try {
        await follower.handler(events);
        if (!isOver) working.works();
      } catch (error) {
        fail(error);
      }
    },
    fail,
    isOver: () => isOver,
    end() {
      isOver = true;
    },
  };
}

const isTrue = () => true;
const isFalse = () => false;
