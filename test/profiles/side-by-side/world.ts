import type { ConfigPart } from '../../support/node-config.ts';
import { CHECK_INTERVAL, type LabelledEndpoint, type Original } from '../../support/originals/original.ts';
import { OriginalProcess } from '../../support/originals/original-process.ts';
import type { Stage } from '../../support/stage.ts';
import { until } from '../../support/until.ts';
import { Cast } from './cast.ts';
import { EndpointEvents } from './endpoint-events.ts';
import type { Observation } from './observation.ts';
import { hostOf, isChecked, PHASES, type Phase, type Scenario } from './scenario.ts';

/** What came of every step of a scenario, by phase and title. */
export interface Recordings {
  readonly theirs: ReadonlyMap<string, Observation>;
  readonly ours: ReadonlyMap<string, Observation>;
}

type Casts = Readonly<Record<'theirs' | 'ours', Cast>>;
type Endpoint = LabelledEndpoint & { readonly url: string };

/** Originals and a node of Holdfast with the same backends on the same three endpoints. */
export class World {
  readonly #scenarios: readonly Scenario[];
  readonly #originals: OriginalProcess[] = [];
  readonly #casts = new Map<Scenario, Casts>();
  #endpoints: readonly Endpoint[] = [];
  #events!: EndpointEvents;

  constructor(scenarios: readonly Scenario[]) {
    this.#scenarios = scenarios;
  }

  async open(stage: Stage): Promise<void> {
    const processes = await stage.startEndpoints(3);
    this.#endpoints = processes.map(({ id, port, url }) => ({ label: id.replace('shop-', 's'), port, url }));
    const node = await stage.startNode({
      endpoints: [],
      listener: {
        pool: undefined,
        routes: this.#scenarios.map((scenario) => ({
          match: { host: hostOf(scenario) },
          pool: scenario.name,
        })),
      },
      top: { pools: this.#scenarios.map((scenario) => this.#poolOf(scenario)) },
    });
    this.#events = new EndpointEvents(processes[0]!, node, `${stage.dir}/haproxy`, this.#scenarios);
    for (const [original, scenarios] of Map.groupBy(this.#scenarios, (scenario) => scenario.original)) {
      const { origin } = await this.#startOriginal(original, stage.dir, scenarios);
      for (const scenario of scenarios) {
        const castAt = (where: string): Cast => new Cast(where, hostOf(scenario), scenario.identityOf);
        this.#casts.set(scenario, { theirs: castAt(origin), ours: castAt(node.origin) });
      }
    }
  }

  async close(): Promise<void> {
    await Promise.all(
      [...this.#casts.values()].flatMap(({ theirs, ours }) => [theirs.close(), ours.close()]),
    );
    await Promise.all(this.#originals.map((original) => original.end()));
  }

  /** Has all clients do everything, at both. */
  async play(): Promise<ReadonlyMap<Scenario, Recordings>> {
    const recordings = new Map(
      this.#scenarios.map((scenario) => [scenario, { theirs: new Map(), ours: new Map() }]),
    );
    for (const phase of PHASES) {
      await this.#events.begin(phase);
      if (phase === 's1 is back')
        await Promise.all(this.#scenarios.map((scenario) => this.#untilServing(scenario)));
      await Promise.all(
        [...recordings].map(([scenario, recording]) => this.#playPhase(scenario, phase, recording)),
      );
    }
    return recordings;
  }

  /** Where cookies lead at each of both that the other has set, for each endpoint. */
  async interchange(scenario: Scenario): Promise<readonly string[]> {
    const { theirs, ours } = this.#castsOf(scenario);
    const led: string[] = [];
    for (const place of ['s1', 's2', 's3'])
      for (const [whose, from, to] of [
        ['theirs', theirs, ours],
        ['ours', ours, theirs],
      ] as const) {
        await from.settle('Max', place, { wanted: scenario.issuing });
        const followed = await to.stranger({ headers: { cookie: from.cookiesOf('Max') } });
        led.push(`${whose} of ${place}: ${followed.place}`);
      }
    return led;
  }

  async #playPhase(
    scenario: Scenario,
    phase: Phase,
    recording: Record<'theirs' | 'ours', Map<string, Observation>>,
  ): Promise<void> {
    const { theirs, ours } = this.#castsOf(scenario);
    const labelOf = (place: string): string => this.#labelOf(scenario, place);
    for (const step of scenario.script[phase] ?? []) {
      const key = `${phase}: ${step.title}`;
      const [there, here] = await Promise.all([step.run(theirs, labelOf), step.run(ours, labelOf)]);
      recording.theirs.set(key, there);
      recording.ours.set(key, here);
    }
  }

  /** Waits until new clients come to s1 again, at both. */
  async #untilServing(scenario: Scenario): Promise<void> {
    for (const cast of Object.values(this.#castsOf(scenario)))
      await until(
        `${scenario.name} has its endpoint back`,
        async () => (await cast.stranger()).place === 's1',
      );
  }

  #castsOf(scenario: Scenario): Casts {
    const casts = this.#casts.get(scenario);
    if (casts === undefined) throw new RangeError(`${scenario.name} is no scenario of this world`);
    return casts;
  }

  async #startOriginal(
    original: Original,
    dir: string,
    scenarios: readonly Scenario[],
  ): Promise<OriginalProcess> {
    const backends = scenarios.map((scenario) => ({
      host: hostOf(scenario),
      lines: scenario.theirs,
      isChecked: isChecked(scenario),
    }));
    const started = await OriginalProcess.start(original, dir, this.#endpoints, backends);
    this.#originals.push(started);
    return started;
  }

  #labelOf(scenario: Scenario, place: string): string {
    const endpoint = this.#endpoints.find(({ label }) => label === place);
    return (endpoint && scenario.labelOf?.(endpoint)) ?? place;
  }

  #poolOf(scenario: Scenario): ConfigPart {
    return {
      name: scenario.name,
      balance: 'round-robin',
      endpoints: this.#endpoints.map((endpoint) => ({
        id: endpoint.label,
        url: endpoint.url,
        ...(scenario.labelOf && { label: scenario.labelOf(endpoint) }),
      })),
      outlierDetection: { ejectionTime: '500ms' },
      ...(isChecked(scenario) && {
        healthCheck: {
          path: '/healthz',
          interval: CHECK_INTERVAL,
          timeout: '5s',
          healthyAfter: 1,
          unhealthyAfter: 1,
        },
      }),
      ...scenario.ours,
    };
  }
}
