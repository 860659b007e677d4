// A small load balancer: passes bytes on, and cuts connections that were silent for a while, as those of AWS and nginx
// do after a minute.
import { type AddressInfo, type Socket, connect, createServer } from 'node:net';

export interface IdleProxy {
  readonly url: string;
  /** The number of connections that it cut because they were idle. */
  readonly cuts: () => number;
  close(): Promise<void>;
}

/** `idleMs`: how long a connection may be silent; milliseconds. `behind`: a URL of this machine. */
export async function startIdleProxy(behind: string, idleMs: number): Promise<IdleProxy> {
  const { hostname, port } = new URL(behind);
  const open = new Set<Socket>();
  let cuts = 0;
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    const end = () => {
      near.destroy();
      far.destroy();
      open.delete(near);
    };
    open.add(near);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on('data', (bytes) => void to.write(bytes));
      from.on('error', end).on('close', end);
    }
    // Counts reads and writes.
    near.setTimeout(idleMs, () => {
      cuts += 1;
      end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cuts: () => cuts,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}
