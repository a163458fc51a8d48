import { join } from 'node:path';
import type { Contender, Setup } from './contenders/contender.ts';
import type { StoreOperations } from './contenders/holdfast-status.ts';
import type { Cores } from './cores.ts';
import type { Endpoint } from './endpoints.ts';
import { freePorts } from './free-port.ts';
import { applyLoad, type Load, writeRequests } from './load.ts';
import { startProxy } from './proxy.ts';
import { checkStickiness, type StickinessCheck, type WarmSession, warmSessions } from './sessions.ts';

/** What all contenders of a run have in common. */
export interface Conditions {
  readonly directory: string;
  readonly cores: Cores;
  readonly endpoints: readonly Endpoint[];
  readonly sessions: number;
  readonly connections: number;
  readonly warmUpSeconds: number;
  /** Measured seconds of one round. */
  readonly seconds: number;
  readonly accessLog: boolean;
}

/** A contender that runs, has its sessions, and is warm. Disposing of it ends it. */
export interface Entrant extends AsyncDisposable {
  readonly contender: Contender;
  readonly setup: Setup;
  readonly pid: number;
  readonly sessions: readonly WarmSession[];
  /** The load of one round, from these sessions. */
  readonly load: Load;
  /** What became of the sessions on their second request. */
  readonly firstCheck: StickinessCheck;
  /** Operations on its session map until all sessions were open, where it has one. */
  readonly openingOperations?: StoreOperations;
}

/** Starts a contender, opens its sessions, checks that they stay where they are, and warms it up with load. */
export async function prepareEntrant(contender: Contender, conditions: Conditions): Promise<Entrant> {
  const { cores, endpoints, accessLog, connections, seconds } = conditions;
  const directory = join(conditions.directory, contender.name);
  const [port, adminPort] = (await freePorts(2)) as [number, number];
  const setup: Setup = { directory, port, adminPort, endpoints, accessLog };
  const proxy = await startProxy(contender, setup, cores.proxy);

  const sessions = await warmSessions(port, conditions.sessions);
  const openingOperations = await contender.storeOperations?.(setup);
  const firstCheck = await checkStickiness(port, sessions);
  const requestsFile = join(directory, 'requests');
  writeRequests(requestsFile, sessions);
  const load: Load = { cores: cores.rest, port, requestsFile, connections, seconds };
  await applyLoad({ ...load, seconds: conditions.warmUpSeconds });

  return {
    contender,
    setup,
    pid: proxy.pid,
    sessions,
    load,
    firstCheck,
    ...(openingOperations && { openingOperations }),
    [Symbol.asyncDispose]: () => proxy[Symbol.asyncDispose](),
  };
}
