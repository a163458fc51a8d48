import { Turns } from '@holdfast/shared';
import type { DemoProcess } from './processes.ts';
import type { Timeline } from './timeline.ts';

/** A process with a part in the demo: an endpoint of the shop, or a proxy node. */
export interface Actor {
  readonly id: string;
  readonly url: string;
  readonly process: DemoProcess;
}

/** A proxy node, and where people look at it. */
export interface NodeActor extends Actor {
  readonly consoleUrl: string;
}

/**
 * The endpoints of a shop and the proxy nodes in front of them, as processes that can be ended and started
 * again. Acts are played one at a time, in the order in which they were asked for.
 */
export class Stage {
  readonly nodes: readonly NodeActor[];
  readonly endpoints: readonly Actor[];
  readonly #timeline: Timeline;
  readonly #acts = new Turns();

  constructor(nodes: readonly NodeActor[], endpoints: readonly Actor[], timeline: Timeline) {
    this.nodes = nodes;
    this.endpoints = endpoints;
    this.#timeline = timeline;
  }

  /** Starts everything, the endpoints first, and resolves when all are ready. `signal` ends the wait early. */
  async open(signal: AbortSignal): Promise<void> {
    await Promise.all(this.endpoints.map(({ process }) => process.start(signal)));
    await Promise.all(this.nodes.map(({ process }) => process.start(signal)));
  }

  /** Ends an endpoint as a crash would, with SIGKILL. */
  kill(endpoint: Actor): Promise<void> {
    return this.#acts.take(async () => {
      if (!endpoint.process.isRunning) return;
      await endpoint.process.end('SIGKILL');
      this.#timeline.record({ kind: 'endpoint-killed', endpoint: endpoint.id });
    });
  }

  /** Starts an endpoint again on its port, as a new process that remembers nothing. */
  revive(endpoint: Actor): Promise<void> {
    return this.#acts.take(async () => {
      if (endpoint.process.isRunning) return;
      await endpoint.process.start();
      this.#timeline.record({ kind: 'endpoint-revived', endpoint: endpoint.id });
    });
  }

  /** Ends nodes in an orderly way, with SIGTERM, and starts them again when all of them are gone. */
  restart(nodes: readonly Actor[]): Promise<void> {
    return this.#acts.take(async () => {
      await Promise.all(nodes.map(({ process }) => process.end('SIGTERM')));
      await Promise.all(nodes.map(({ process }) => process.start()));
      for (const { id } of nodes) this.#timeline.record({ kind: 'node-restarted', node: id });
    });
  }

  /** Ends everything, the nodes first. */
  async close(): Promise<void> {
    for (const actors of [this.nodes, this.endpoints]) {
      await Promise.all(actors.map(({ process }) => process.end('SIGTERM')));
    }
  }
}
