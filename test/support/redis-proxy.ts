// A proxy between a service and its Redis: it leads to a server, to another one after a failover, or to one that never
// answers. It never outlives the test.
import { once } from 'node:events';
import { type AddressInfo, type Socket, connect, createServer } from 'node:net';

export interface RedisProxy {
  readonly url: string;
  /** New connections lead to this server; existing ones stay. */
  leadTo(url: string): void;
  /** Existing connections are never answered again, and stay open. Returns their number. */
  silence(): number;
  /** Whether new connections are never answered either. */
  silenceNew(isSilent: boolean): void;
  close(): void;
}

export async function startRedisProxy(url: string): Promise<RedisProxy> {
  let to = Number(new URL(url).port);
  let isNewSilent = false;
  const pairs = new Set<{ isSilent: boolean; readonly sockets: readonly Socket[] }>();
  const server = createServer((near) => {
    const far = connect(to, '127.0.0.1');
    const pair = { isSilent: isNewSilent, sockets: [near, far] };
    pairs.add(pair);
    near.on('data', (data) => pair.isSilent || far.write(data));
    far.on('data', (data) => pair.isSilent || near.write(data));
    for (const socket of pair.sockets) {
      socket.on('error', () => undefined);
      socket.on('close', () => {
        if (pair.isSilent && socket === far) return;
        pairs.delete(pair);
        for (const each of pair.sockets) each.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    leadTo: (next) => void (to = Number(new URL(next).port)),
    silence() {
      for (const pair of pairs) pair.isSilent = true;
      return pairs.size;
    },
    silenceNew: (isSilent) => void (isNewSilent = isSilent),
    close() {
      server.close();
      for (const { sockets } of pairs) for (const socket of sockets) socket.destroy();
    },
  };
}
