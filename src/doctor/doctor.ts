// Checks everything the service needs, and says what is wrong and how to mend it. It changes nothing in AWS or the
// store, and shows no secret.
import { hideSettings } from '../redact.ts';
import type { Config } from '../config.ts';
import { checkTarget } from './aws-check.ts';
import { checkEvents } from './events-check.ts';
import { type Chapter, type Finding, examine } from './finding.ts';
import { checkFolder } from './folder-check.ts';
import { checkRedis } from './redis-check.ts';
import { checkService } from './service-check.ts';
import { checkKeys, checkSchedules, checkSettings } from './settings-check.ts';

interface DoctorSettings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** This machine's clock in milliseconds; set by tests. */
  readonly now?: () => number;
}

/** AWS refuses signatures that are this much older or newer; milliseconds. */
const signatureGoodFor = 300_000;

export async function examineAll({ environment, now = Date.now }: DoctorSettings): Promise<readonly Finding[]> {
  hideSettings(environment);
  let config: Config | undefined;
  const settings = await examine('Settings', (into) => {
    config = checkSettings(into, environment);
    if (config === undefined) return into.untried('everything else', 'the settings come first');
    checkKeys(into, config);
    checkSchedules(into, config);
  });
  const service = () => examine('Service', (into) => checkService(into, environment['NEPTUNE_OPS_URL']));
  if (config === undefined) return [...settings, ...(await service())];
  return [...settings, ...(await examineRest(config, now)), ...(await service())];
}

async function examineRest(config: Config, now: () => number): Promise<readonly Finding[]> {
  const { REDIS_URL: redis, NEPTUNE_OPS_DATA_DIR: folder } = config;
  const store =
    redis === undefined
      ? examine('Embedded store', (into) => checkFolder(into, folder))
      : examine('Redis', (into) => checkRedis(into, redis, now));
  // How far AWS's clock is ahead of this one. The smallest value counts, because a slow answer looks late.
  let ahead: number | undefined;
  const onDate = (at: number) => {
    const off = at + 500 - now();
    if (ahead === undefined || Math.abs(off) < Math.abs(ahead)) ahead = off;
  };
  const targets = config.targets.map((target) =>
    examine(`AWS, target ${target.name} (${target.region})`, (into) => checkTarget(into, config, target, onDate)),
  );
  const aws = (await Promise.all(targets)).flat();
  const clock = await examine('Clock', (into) => checkClock(into, ahead));
  const events = await examine('Completion events', (into) => checkEvents(into, config));
  return [...(await store), ...aws, ...clock, ...events];
}

function checkClock(into: Chapter, ahead: number | undefined): void {
  if (ahead === undefined) return into.untried('clock', 'AWS did not answer, so its clock is not known');
  const off = Math.abs(ahead);
  const apart = off < 2_000 ? 'about the same as' : `${Math.round(off / 1_000)} s ${ahead > 0 ? 'behind' : 'ahead of'}`;
  if (off < signatureGoodFor) return into.fine('clock', `${apart} AWS’s`);
  const says = `${apart} AWS’s; from five minutes on AWS refuses every signature`;
  into.wrong('clock', says, 'timedatectl set-ntp true');
}
