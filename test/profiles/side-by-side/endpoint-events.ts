import type { EndpointProcess } from '../../support/endpoint-process.ts';
import type { HoldfastNode } from '../../support/holdfast-node.ts';
import { haproxySocket } from '../../support/originals/haproxy.ts';
import { command } from '../../support/originals/original-process.ts';
import { until } from '../../support/until.ts';
import { hostOf, isChecked, type Phase, type Scenario } from './scenario.ts';

/** Has things happen to endpoints, and waits until those who look after their endpoints know of it. */
export class EndpointEvents {
  readonly #mortal: EndpointProcess;
  readonly #node: HoldfastNode;
  readonly #haproxySocket: string;
  readonly #checked: readonly Scenario[];
  readonly #draining: readonly Scenario[];

  /** @param dir the folder of HAProxy */
  constructor(mortal: EndpointProcess, node: HoldfastNode, dir: string, scenarios: readonly Scenario[]) {
    this.#mortal = mortal;
    this.#node = node;
    this.#haproxySocket = haproxySocket(dir);
    this.#checked = scenarios.filter(isChecked);
    this.#draining = scenarios.filter(({ script }) => script['s3 drains'] !== undefined);
  }

  async begin(phase: Phase): Promise<void> {
    switch (phase) {
      case 'all serve':
        return this.#untilChecked(true);
      case 's3 drains':
        return this.#drain(true);
      case 's1 is dead':
        await this.#drain(false);
        await this.#mortal.kill();
        return this.#untilChecked(false);
      case 's1 is back':
        await this.#mortal.start();
        return this.#untilChecked(true);
    }
  }

  async #drain(begins: boolean): Promise<void> {
    for (const scenario of this.#draining) {
      await this.#askHaproxy(`set server ${hostOf(scenario)}/s3 state ${begins ? 'drain' : 'ready'}`);
      const url = `${this.#node.adminOrigin}/endpoints/${scenario.name}/s3/drain`;
      await fetch(url, { method: begins ? 'PUT' : 'DELETE' });
    }
    await until(`s3 ${begins ? 'drains' : 'drains no longer'}`, async () => {
      const standings = await this.#standings();
      return this.#draining.every(({ name }) => (standings.get(`${name}/s3`) === 'draining') === begins);
    });
  }

  async #untilChecked(serves: boolean): Promise<void> {
    if (this.#checked.length === 0) return;
    await until(`HAProxy knows whether s1 serves`, async () => {
      const standings = await this.#haproxyStandings();
      return this.#checked.every((each) => standings.get(`${hostOf(each)}/s1`)?.startsWith('UP') === serves);
    });
    await until(`Holdfast knows whether s1 serves`, async () => {
      const standings = await this.#standings();
      return this.#checked.every(({ name }) => (standings.get(`${name}/s1`) !== 'down') === serves);
    });
  }

  /** What Holdfast takes each endpoint for. */
  async #standings(): Promise<ReadonlyMap<string, string>> {
    const { pools } = await this.#node.status();
    return new Map(pools.flatMap(({ endpoints }) => endpoints).map(({ id, standing }) => [id, standing]));
  }

  /** What HAProxy takes each server for. */
  async #haproxyStandings(): Promise<ReadonlyMap<string, string>> {
    const [header = '', ...rows] = (await this.#askHaproxy('show stat')).slice(2).split('\n');
    const column = header.split(',').indexOf('status');
    const cells = rows.map((row) => row.split(','));
    return new Map(cells.map((row) => [`${row[0]}/${row[1]}`, row[column] ?? '']));
  }

  #askHaproxy(line: string): Promise<string> {
    return command(this.#haproxySocket, line);
  }
}
