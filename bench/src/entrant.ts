import { join } from 'node:path';
import { type Contender, originOf, type Setup } from './contenders/contender.ts';
import type { StoreOperations } from './contenders/holdfast-status.ts';
import type { Endpoint } from './endpoints/endpoints.ts';
import { checkStickiness, type StickinessCheck, type WarmSession, warmSessions } from './load/sessions.ts';
import type { Traffic } from './load/traffic.ts';
import type { Certificate } from './machine/certificate.ts';
import type { Cores } from './machine/cores.ts';
import { freePorts } from './machine/free-port.ts';
import type { Origin } from './machine/origin.ts';
import { startProxy } from './proxy.ts';
import type { Scale } from './scale.ts';

/** What a run gives to a case. */
export interface Circumstances extends Scale {
  readonly directory: string;
  readonly cores: Cores;
  readonly accessLog: boolean;
  /** In cases whose clients speak TLS. */
  readonly certificate?: Certificate;
}

/** What all contenders of a case have in common. */
export interface Conditions extends Circumstances {
  readonly endpoints: readonly Endpoint[];
}

/** A contender that runs and has its sessions. Disposing of it ends it. */
export interface Entrant extends AsyncDisposable {
  readonly contender: Contender;
  readonly setup: Setup;
  readonly origin: Origin;
  readonly pid: number;
  readonly sessions: readonly WarmSession[];
  /** Operations on its session map until all sessions were open, where it has one. */
  readonly openingOperations?: StoreOperations;
  /** Lets every session ask once more. */
  check(): Promise<StickinessCheck>;
}

/** Starts a contender and opens its sessions. */
export async function startEntrant(
  contender: Contender,
  traffic: Traffic,
  conditions: Conditions,
): Promise<Entrant> {
  const { cores, endpoints, accessLog, certificate } = conditions;
  const directory = join(conditions.directory, contender.name);
  const [port, adminPort] = (await freePorts(2)) as [number, number];
  const { passesThrough = false } = traffic;
  const given = { directory, port, adminPort, endpoints, accessLog, passesThrough };
  const setup = { ...given, ...(certificate && { certificate }) };
  const origin = originOf(setup);
  const proxy = await startProxy(contender.launch(setup), { directory, origin, cores: cores.proxy });

  const sessions = await warmSessions(origin, traffic, conditions.sessions);
  const openingOperations = await contender.storeOperations?.(setup);
  return {
    contender,
    setup,
    origin,
    pid: proxy.pid,
    sessions,
    ...(openingOperations && { openingOperations }),
    check: () => checkStickiness(origin, traffic, sessions),
    [Symbol.asyncDispose]: () => proxy[Symbol.asyncDispose](),
  };
}
