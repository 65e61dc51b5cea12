/** The first frame that a viewer gets of a real server. */
import type { Frame } from './abstract-viewer.ts';

export function firstFrame(url: string, query: string): Promise<Frame> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws?${query}`);
  return new Promise((resolve, reject) => {
    socket.onmessage = ({ data }) => {
      resolve(JSON.parse(String(data)) as Frame);
      socket.close();
    };
    socket.onclose = ({ code }) => reject(new Error(`closed with ${code} before a frame came`));
  });
}
