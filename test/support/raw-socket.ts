/** A WebSocket client on bare TCP: it can stop reading, and it shows the answer to a handshake. */
import { connect, type Socket } from 'node:net';

export type RawSocket = {
  /** Everything received since the start, as Latin-1. */
  received(): string;
  write(bytes: Uint8Array): void;
  stopReading(): void;
  readAgain(): void;
  /** Resolves when the received text passes. */
  until(passes: (text: string) => boolean): Promise<string>;
  readonly closed: Promise<void>;
  end(): void;
};

export function openRawSocket(port: number, path: string): Promise<RawSocket> {
  const socket: Socket = connect({ port, host: '127.0.0.1' });
  let text = '';
  const waiting = new Set<() => void>();
  socket.on('data', (bytes) => {
    text += bytes.toString('latin1');
    for (const look of waiting) look();
  });
  socket.on('error', () => socket.destroy());
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  const raw: RawSocket = {
    received: () => text,
    write: (bytes) => socket.write(bytes),
    stopReading: () => socket.pause(),
    readAgain: () => socket.resume(),
    until: (passes) =>
      new Promise((resolve) => {
        const look = () => {
          if (!passes(text)) return;
          waiting.delete(look);
          resolve(text);
        };
        waiting.add(look);
        look();
      }),
    closed,
    end: () => socket.destroy(),
  };
  return new Promise((resolve) => {
    socket.once('connect', () => {
      socket.write(handshake(path));
      resolve(raw);
    });
  });
}

function handshake(path: string): string {
  return [
    `GET ${path} HTTP/1.1`,
    'Host: 127.0.0.1',
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    '\r\n',
  ].join('\r\n');
}
