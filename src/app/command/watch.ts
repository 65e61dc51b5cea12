/** Watching an item from the command line: the snapshot and every event, until enough or the close. */
import { watchItem } from '../../client/watch-item.ts';

export type WatchOrder = {
  readonly url: string;
  readonly itemId: string;
  /** Ends after so many events; null watches until the close event. */
  readonly events: number | null;
  readonly onFrame: (frame: object) => void;
};

/** Resolves when the item has closed or enough events were shown. */
export function watch({ url, itemId, events, onFrame }: WatchOrder): Promise<void> {
  return new Promise((resolve) => {
    let left = events ?? Number.POSITIVE_INFINITY;
    const end = () => {
      watching.close();
      resolve();
    };
    const watching = watchItem({
      url: url.replace(/^http/, 'ws'),
      itemId,
      onSnapshot: (snapshot) => {
        onFrame(snapshot);
        if (left === 0 || snapshot.item['status'] === 'ended') end();
      },
      onEvent: (event) => {
        onFrame(event);
        if (--left <= 0 || event.type === 'close') end();
      },
    });
  });
}
