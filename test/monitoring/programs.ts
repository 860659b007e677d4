// Programs of Prometheus' that not every machine has.
import { spawnSync } from 'node:child_process';

export function hasProgram(name: 'promtool' | 'prometheus'): boolean {
  const has = spawnSync(name, ['--version']).status === 0;
  if (!has) console.log(`Left out: what takes ${name}, which is not on the PATH (Debian: apt-get install prometheus).`);
  return has;
}
