import { readFileSync } from 'node:fs';
import { type RedisProcess, redisCommand } from '@holdfast/store/testing';

/** A password with every character that has a meaning in a URL. */
const PASSWORD = 'p@ss/w:rd?%#';

const GUIDE = new URL('../../docs/guides/redis.md', import.meta.url);

/** The rights that the guide gives the user of a Redis, of a node of Redis Cluster, and of a Sentinel. */
export const RIGHTS = ((): { readonly [of in 'redis' | 'cluster' | 'sentinel']: readonly string[] } => {
  const commands = readFileSync(GUIDE, 'utf8')
    .replaceAll('\\\n', ' ')
    .matchAll(/^ACL SETUSER holdfast (?:on >PASSWORD )?(.+)$/gm);
  const [redis, cluster, sentinel] = [...commands].map(([, rights]) => rights!.trim().split(/ +/));
  return { redis: redis!, cluster: [...redis!, ...cluster!], sentinel: sentinel! };
})();

/** Creates the user `holdfast` with these rights and no others. */
export async function grant(
  processes: readonly Pick<RedisProcess, 'port'>[],
  rights: readonly string[],
): Promise<void> {
  for (const process of processes) {
    await redisCommand(process, 'ACL', 'SETUSER', 'holdfast', 'on', `>${PASSWORD}`, ...rights);
  }
}

/** A URL with the login of {@link grant}; for Sentinels, with one for them too. */
export function asHoldfast(url: string): string {
  const password = encodeURIComponent(PASSWORD);
  const data = url.replace('://', `://holdfast:${password}@`);
  return url.includes('+sentinel:') ? `${data}?sentinelUser=holdfast&sentinelPassword=${password}` : data;
}

/** What users were refused. */
export async function refusals(
  processes: readonly Pick<RedisProcess, 'port'>[],
): Promise<readonly unknown[]> {
  const logs = processes.map((process) => redisCommand(process, 'ACL', 'LOG') as Promise<unknown[]>);
  return (await Promise.all(logs)).flat();
}

/** The commands that a Redis has run, as rights name them. */
export async function commandsRun(process: Pick<RedisProcess, 'port'>): Promise<readonly string[]> {
  const statistics = String(await redisCommand(process, 'INFO', 'commandstats'));
  return [...statistics.matchAll(/^cmdstat_([a-z|-]+):/gm)].map(([, command]) => command!);
}
