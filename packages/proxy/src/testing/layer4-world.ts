import { endpointId, silentLogger, Ticker } from '@holdfast/shared';
import { configSchema } from '@holdfast/shared/config';
import { ManualClock } from '@holdfast/shared/testing';
import type { Affinity } from '../affinity/affinity.ts';
import { NoAffinity } from '../affinity/no-affinity.ts';
import type { ConnectionRecord } from '../layer4/connection-record.ts';
import type { Passage } from '../layer4/passage.ts';
import { EndpointQueues } from '../pool/endpoint-queues.ts';
import type { Pool } from '../pool/pool.ts';
import { ownSockets } from '../socket/socket-source.ts';
import { TcpListener } from '../tcp/tcp-listener.ts';
import { TcpRoutes } from '../tcp/tcp-routes.ts';
import { UdpListener } from '../udp/udp-listener.ts';
import { shop, testEndpoint } from './endpoints.ts';
import { testPool } from './test-pool.ts';

export interface Layer4Wishes {
  readonly protocol?: 'tcp' | 'udp';
  /** Where each endpoint of the pool `shop` answers, in the order of their ids `a`, `b` and so on. */
  readonly origins: readonly string[];
  /** Endpoints of the pools that routes go to by name. */
  readonly named?: Readonly<Record<string, string>>;
  readonly listener?: object;
  readonly passage?: Partial<Passage>;
  readonly affinityOf?: (pool: Pool) => Affinity;
  readonly connectionsMax?: number;
}

const IDS = ['a', 'b', 'c'];

/** A tcp or udp listener on a real socket before a pool without sessions; time stands still unless a test moves it. */
export class Layer4World {
  readonly clock = new ManualClock();
  readonly ticker = new Ticker(this.clock, 100);
  readonly records: ConnectionRecord[] = [];
  readonly passage: Passage;
  readonly listener: TcpListener | UdpListener;
  port = 0;

  static async open(wishes: Layer4Wishes): Promise<Layer4World> {
    const world = new Layer4World(wishes);
    world.port = (await world.listener.open()).port;
    return world;
  }

  private constructor(wishes: Layer4Wishes) {
    this.passage = this.#passageTo(wishes.origins, wishes);
    const named = Object.entries(wishes.named ?? {});
    const passages = new Map([
      ['shop', this.passage],
      ...named.map(([name, origin]) => [name, this.#passageTo([origin], wishes)] as const),
    ]);
    const config = listenerConfig(wishes);
    const shared = {
      config,
      ticker: this.ticker,
      clock: this.clock,
      recorder: { connectionFinished: (record: ConnectionRecord) => void this.records.push(record) },
      sockets: ownSockets,
      log: silentLogger,
    };
    this.listener =
      config.protocol === 'udp'
        ? new UdpListener({ ...shared, passage: this.passage })
        : new TcpListener({ ...shared, routes: new TcpRoutes(config.routes, passages) });
  }

  #passageTo(origins: readonly string[], wishes: Layer4Wishes): Passage {
    const { connectionsMax = Number.POSITIVE_INFINITY, affinityOf = (pool) => new NoAffinity(pool) } = wishes;
    const pool = testPool({ clock: this.clock, endpoints: [] });
    pool.setEndpoints(
      origins.map((origin, index) => ({
        ...testEndpoint('x', 1, { connectionsMax }),
        id: endpointId(shop, IDS[index] ?? 'x'),
        origin,
      })),
    );
    return {
      pool,
      affinity: affinityOf(pool),
      queues: new EndpointQueues({ lengthMax: 10, timeoutMs: 1_000 }, this.ticker),
      connectTimeoutMs: 1_000,
      keepAliveEveryMs: Number.POSITIVE_INFINITY,
      proxyProtocol: undefined,
      ...wishes.passage,
    };
  }

  async close(): Promise<void> {
    await this.listener.close(0);
  }
}

function listenerConfig({ protocol = 'tcp', named = {}, listener }: Layer4Wishes) {
  const names = ['shop', ...Object.keys(named)];
  const config = configSchema.parse({
    listeners: [{ name: 'broker', listen: '127.0.0.1:0', protocol, pool: 'shop', ...listener }],
    pools: names.map((name) => ({ name, endpoints: [{ url: `${protocol}://10.0.0.1:1` }] })),
  });
  return config.listeners[0] as (typeof config.listeners)[0];
}
