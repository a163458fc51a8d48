import { isDeepStrictEqual } from 'node:util';
import { type EndpointId, endpointId, type Logger, poolName } from '@holdfast/shared';
import {
  type Config,
  type EndpointConfig,
  endpointAddress,
  endpointKind,
  type PoolConfig,
  poolKind,
  SCHEMES,
  writtenEndpoint,
} from '@holdfast/shared/config';
import { isEndpointUrl } from '../discovery/endpoint-address.ts';
import type { AddedEndpoints, Addition } from '../node/added-endpoints.ts';
import type { Pool } from '../pool/pool.ts';
import { Networks } from '../socket/networks.ts';
import { type Answer, type Refusal, refused, told, unknownPool } from './answer.ts';
import { type QuestionOf, question } from './question.ts';

export interface EndpointAdditionsParts {
  readonly added: AddedEndpoints;
  readonly current: { readonly config: Config };
  readonly pools: {
    find(name: string): { readonly pool: Pool; place(): void } | undefined;
  };
  readonly log: Logger;
}

/** What an operator has added to another process of this node; undefined where this release cannot read it. */
export function readAddition(given: unknown): Addition | undefined {
  const asked = question.safeParse(given).data;
  if (asked?.kind !== 'add-endpoint') return undefined;
  const endpoint = writtenEndpoint.safeParse(asked.endpoint).data;
  return endpoint && { pool: asked.pool, endpoint: { ...endpoint, id: asked.id } };
}

/** Adds endpoints to the pools of this process, and removes those that were added. */
export class EndpointAdditions {
  readonly #parts: EndpointAdditionsParts;

  constructor(parts: EndpointAdditionsParts) {
    this.#parts = parts;
  }

  /** An endpoint that was added before, as it is asked for now, is not added again. */
  async add(asked: QuestionOf<'add-endpoint'>): Promise<Answer> {
    const { added, current, pools, log } = this.#parts;
    const { pool: name, id } = asked;
    const served = pools.find(name);
    const config = current.config.pools.find((pool) => pool.name === name);
    if (served === undefined || config === undefined) return unknownPool(name);
    const addition = readAddition(asked);
    if (addition === undefined) return refused('DOWNSTREAM_BAD_REQUEST', `"${id}" is no endpoint`);
    const { endpoint } = addition;
    if (added.of(name).some((other) => isDeepStrictEqual(other, endpoint)))
      return told({ id: `${name}/${id}` });
    const objection = this.#objection(config, served.pool, endpoint);
    if (objection !== undefined) return objection;
    added.add(name, endpoint);
    served.place();
    log.info({ pool: name, endpoint: `${name}/${id}`, url: endpoint.url }, 'endpoint added by operator');
    return told({ id: `${name}/${id}` });
  }

  async remove({ pool: name, id }: QuestionOf<'remove-endpoint'>): Promise<Answer> {
    const { added, pools, log } = this.#parts;
    const served = pools.find(name);
    if (served === undefined) return unknownPool(name);
    if (!added.remove(name, id))
      return served.pool.find(idOf(name, id)) === undefined ? unknownEndpoint(name, id) : notAdded(name, id);
    served.place();
    log.info({ pool: name, endpoint: `${name}/${id}` }, 'endpoint removed by operator');
    return told({ id: `${name}/${id}` });
  }

  #objection(config: PoolConfig, pool: Pool, { id, url, incarnation }: EndpointConfig): Refusal | undefined {
    const networks = this.#parts.current.config.admin?.endpointNetworks ?? [];
    if (networks.length === 0) return nothingAllowed;
    if (!isEndpointUrl(url, new Networks(networks))) return notAllowed(url, networks);
    const kind = poolKind(config);
    if (endpointKind(url) !== kind)
      return bad(`expected ${SCHEMES[kind]}, as pool "${config.name}" has it, found ${url}`);
    if (incarnation !== undefined && config.healthCheck?.incarnation !== undefined)
      return bad(
        'expected no incarnation beside healthCheck.incarnation of the pool, which finds it out, found one',
      );
    const known = pool.endpoints.find(
      (other) => other.id === idOf(config.name, id) || endpointAddress(other.origin) === endpointAddress(url),
    );
    return (
      known && bad(`expected an id and an address of its own, found those of ${known.id} at ${known.origin}`)
    );
  }
}

const idOf = (pool: string, id: string): EndpointId => endpointId(poolName(pool), id);

const bad = (message: string): Refusal => refused('DOWNSTREAM_BAD_REQUEST', message);

const nothingAllowed = refused(
  'DOWNSTREAM_FORBIDDEN',
  'no endpoint may be added: name the networks in which they may be as admin.endpointNetworks of the configuration',
);

const notAllowed = (url: string, networks: readonly string[]): Refusal =>
  refused(
    'DOWNSTREAM_FORBIDDEN',
    `${url} may not be added: expected an IP address in ${networks.join(', ')} (admin.endpointNetworks) that is not link-local, multicast or of the metadata of a machine`,
  );

const unknownEndpoint = (pool: string, id: string): Refusal =>
  refused('DOWNSTREAM_NOT_FOUND', `no endpoint "${pool}/${id}": GET /endpoints lists those that there are`);

const notAdded = (pool: string, id: string): Refusal =>
  bad(
    `endpoint "${pool}/${id}" was not added by an operator: drain it, and take it out of where it is named`,
  );
