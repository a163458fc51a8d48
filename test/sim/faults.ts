import { endpointId } from '@holdfast/shared';
import { type EndpointMood, SimEndpoint } from './sim-endpoint.ts';
import { POOL } from './sim-node.ts';
import type { SimWorld } from './sim-world.ts';

/** Ends a fault. */
export type Heal = () => void;

/** What can go wrong. Undefined: at this moment it cannot. */
export type Fault = (world: SimWorld) => Heal | undefined;

/** What operations of the session map may fail by; the history is told for how long. */
const storeTrouble =
  (begin: (world: SimWorld) => Heal): Fault =>
  (world) => {
    const heal = begin(world);
    const isOver = world.chronicle.trouble({ kind: 'store-away' }, { kind: 'store-back' });
    return () => {
      heal();
      isOver();
    };
  };

/** Nothing is lost: what was written is there again when the server is. */
const redisAway = storeTrouble(({ redis, nodes }) => {
  redis.isDown = true;
  for (const node of nodes) node.link.breakNews();
  return () => {
    redis.isDown = false;
  };
});

const fullRedis = storeTrouble(({ redis }) => {
  redis.isFull = true;
  return () => {
    redis.isFull = false;
  };
});

const frozenRedis = storeTrouble(({ redis }) => {
  redis.isFrozen = true;
  return () => redis.thaw();
});

const failingRedis = storeTrouble(({ redis, dice }) => {
  redis.errorRate = dice.between(0.05, 0.6);
  return () => {
    redis.errorRate = 0;
  };
});

const slowRedis = storeTrouble(({ links, dice }) => {
  const extraMs = dice.between(10, 100);
  for (const link of links) link.extraMs += extraMs;
  return () => {
    for (const link of links) link.extraMs -= extraMs;
  };
});

/** The primary dies, and its replica, which is behind, takes its place. */
const failover = storeTrouble((world) => {
  const { redis, clock, dice, chronicle, nodes } = world;
  const behindMs = dice.between(0, 800);
  redis.isDown = true;
  for (const node of nodes) node.link.breakNews();
  return () => {
    const sinceMs = clock.nowMs - behindMs;
    redis.loseSince(sinceMs);
    redis.isDown = false;
    chronicle.tell({ kind: 'store-lost', sinceMs });
  };
});

/** Everything is forgotten, and no connection notices. */
const flushedRedis: Fault = ({ redis, chronicle }) => {
  for (const [key] of [...redis.map.entries()]) redis.map.delete(key);
  chronicle.tell({ kind: 'store-lost', sinceMs: 0, isUnnoticed: true });
  return () => {};
};

const cutLink =
  (how: 'silent' | 'refused'): Fault =>
  ({ dice, links, settings, nodes, chronicle }) => {
    const number = dice.whole(0, links.length - 1);
    const link = links[number];
    const node = settings.nodes[number];
    if (link === undefined || node === undefined || link.cut !== undefined) return undefined;
    link.cut = how;
    if (how === 'refused') nodes[number]?.link.breakNews();
    const isOver = chronicle.trouble({ kind: 'store-away', node }, { kind: 'store-back', node });
    return () => {
      link.cut = undefined;
      isOver();
    };
  };

const brokenNews: Fault = ({ dice, nodes }) => {
  dice.pick(nodes).link.breakNews();
  return () => {};
};

const silentNews: Fault = ({ dice, nodes }) => {
  dice.pick(nodes).link.silenceNews();
  return () => {};
};

const lateNews: Fault = ({ dice, links }) => {
  const link = dice.pick(links);
  link.newsExtraMs = dice.between(10, 300);
  link.newsTwiceRate = 0.3;
  return () => {
    link.newsExtraMs = 0;
    link.newsTwiceRate = 0;
  };
};

const endpointIs =
  (mood: EndpointMood): Fault =>
  ({ dice, endpoints, chronicle }) => {
    const endpoint = dice.pick([...endpoints.values()]);
    if (endpoint.mood !== 'up') return undefined;
    endpoint.mood = mood;
    const { id } = endpoint;
    const isOver = chronicle.trouble(
      { kind: 'endpoint-down', endpoint: id },
      { kind: 'endpoint-up', endpoint: id },
    );
    return () => {
      endpoint.mood = 'up';
      isOver();
    };
  };

const cutEndpoint: Fault = (world) => {
  const { dice, settings, endpoints } = world;
  return world.cut(dice.pick(settings.nodes), dice.pick([...endpoints.keys()]));
};

/** A node reaches no endpoint. */
const cutNode: Fault = (world) => {
  const node = world.dice.pick(world.settings.nodes);
  const heals = [...world.endpoints.keys()].map((endpoint) => world.cut(node, endpoint));
  return () => {
    for (const heal of heals) heal();
  };
};

const endedNode: Fault = (world) => {
  const number = world.dice.whole(0, world.nodes.length - 1);
  const node = world.nodes[number];
  if (node === undefined || !node.isAlive) return undefined;
  node.end();
  return () => world.restart(number);
};

/** Operators ask one node for it, whose clock says since when. */
const drain: Fault = ({ dice, redis, nodes, configured, chronicle }) => {
  const endpoint = dice.pick(configured);
  const id = endpointId(POOL, endpoint);
  const { drains } = redis.store;
  const sinceMs = dice.pick(nodes).clock.now();
  const isComplete = dice.isLucky(0.3);
  const drained = { endpoint: id, sinceMs, ...(isComplete && { deadlineMs: sinceMs }) };
  void drains.change(id, undefined, drained).then(({ kind }) => {
    if (kind === 'changed') chronicle.tell({ kind: 'drain', endpoint, isComplete });
  });
  return () => {
    void drains.change(id, drained, undefined).then(({ kind }) => {
      if (kind === 'changed') chronicle.tell({ kind: 'undrain', endpoint });
    });
  };
};

/** A configuration reaches one node after the other. */
function push(world: SimWorld, endpoints: readonly string[]): Heal {
  const { dice, clock, nodes } = world;
  world.configured = endpoints;
  for (const number of nodes.keys())
    clock.after(dice.between(0, 3_000), () => {
      const node = world.nodes[number];
      if (node?.isAlive === true && world.configured === endpoints) node.configure(endpoints);
    });
  return () => {};
}

const addedEndpoint: Fault = (world) => {
  const id = `endpoint-${world.endpoints.size + 1}`;
  world.endpoints.set(id, new SimEndpoint(id));
  return push(world, [...world.configured, id]);
};

const removedEndpoint: Fault = (world) => {
  if (world.configured.length < 3) return undefined;
  const removed = world.dice.pick(world.configured);
  return push(
    world,
    world.configured.filter((id) => id !== removed),
  );
};

/** All of them, by name. */
export const FAULTS = {
  'redis down': redisAway,
  'redis frozen': frozenRedis,
  'redis failing': failingRedis,
  'redis slow': slowRedis,
  'redis full': fullRedis,
  'redis failover': failover,
  'redis flushed': flushedRedis,
  'link silent': cutLink('silent'),
  'link refused': cutLink('refused'),
  'news broken': brokenNews,
  'news silent': silentNews,
  'news late': lateNews,
  'endpoint refusing': endpointIs('refusing'),
  'endpoint frozen': endpointIs('frozen'),
  'endpoint resetting': endpointIs('resetting'),
  'endpoint cut': cutEndpoint,
  'node cut': cutNode,
  'node ended': endedNode,
  drain,
  'endpoint added': addedEndpoint,
  'endpoint removed': removedEndpoint,
} as const satisfies Record<string, Fault>;

export type FaultName = keyof typeof FAULTS;

export const FAULT_NAMES = Object.keys(FAULTS) as readonly FaultName[];
