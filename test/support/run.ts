// `npm test`: runs everything, and lists at the end what could not be tested here.
import { spawnSync } from 'node:child_process';
import { hasRedisServer } from './redis-server.ts';

const { status } = spawnSync('npx', ['vitest', 'run', ...process.argv.slice(2)], { stdio: 'inherit' });
if (!hasRedisServer() && !process.env.REDIS_URL) {
  console.log('\nLeft out: everything on Redis. No redis-server is on the PATH, and REDIS_URL is not set.');
}
process.exit(status ?? 1);
