/** A TCP proxy in front of a real server, whose connections can be made silent. */
import { connect, createServer, type Socket } from 'node:net';

export type TcpProxy = AsyncDisposable & {
  readonly host: string;
  readonly port: number;
  /** Makes all open and new connections silent for good. */
  swallow(): void;
  /** Serves connections that come from now on; silent ones stay silent. */
  serve(): void;
  /** Resolves when the next connection has come. */
  nextConnection(): Promise<void>;
};

export async function openTcpProxy(target: { host: string; port: number }): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  const pairs = new Set<readonly [Socket, Socket]>();
  let waiting: (() => void)[] = [];
  let isSwallowing = false;

  function hold(socket: Socket, onClose: () => void = () => {}): Socket {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      sockets.delete(socket);
      onClose();
    });
    return socket;
  }

  function silence([from, to]: readonly [Socket, Socket]): void {
    from.unpipe(to);
    to.unpipe(from);
    from.resume();
    to.resume();
  }

  const server = createServer((socket) => {
    hold(socket);
    for (const tell of waiting) tell();
    waiting = [];
    if (isSwallowing) {
      socket.resume();
      return;
    }
    const far = hold(connect(target), () => socket.destroy());
    socket.on('close', () => far.destroy());
    socket.pipe(far);
    far.pipe(socket);
    pairs.add([socket, far]);
  });
  const host = '127.0.0.1';
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a proxy without a port');

  return {
    host,
    port: address.port,
    swallow: () => {
      isSwallowing = true;
      for (const pair of pairs) silence(pair);
      pairs.clear();
    },
    serve: () => {
      isSwallowing = false;
    },
    nextConnection: () => new Promise((resolve) => waiting.push(resolve)),
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
