import { BenchError } from '../bench-error.ts';
import type { Contender, Launch, Setup } from './contender.ts';

/** How much Holdfast tells of its work. */
interface Telemetry {
  readonly name: string;
  readonly title: string;
  /** That part of the configuration; spans and metrics go to `collector`. */
  readonly configured: (collector: string) => object;
}

/** The one with whom the others are compared. */
export const SILENT = 'off';

const pushing = (collector: string, sampling: number) => ({
  otlp: { endpoint: collector },
  traces: { sampling },
});

const VARIANTS: readonly Telemetry[] = [
  { name: SILENT, title: 'no telemetry', configured: () => ({ enabled: false }) },
  { name: 'metrics', title: 'metrics', configured: () => ({}) },
  {
    name: 'traces-1',
    title: 'metrics, traces of 1 %',
    configured: (collector) => pushing(collector, 0.01),
  },
  {
    name: 'traces-100',
    title: 'metrics, traces of 100 %',
    configured: (collector) => pushing(collector, 1),
  },
];

/** Holdfast once for each amount of telemetry. Throws a {@link BenchError} if it was not chosen. */
export function telemetryVariants(chosen: readonly Contender[]): readonly Contender[] {
  const holdfast = chosen.find(({ name }) => name === 'holdfast');
  if (holdfast === undefined) throw new BenchError('the case "telemetry" measures holdfast and nobody else');
  return VARIANTS.map(({ name, title, configured }) => ({
    ...holdfast,
    name,
    title,
    launch: (setup) => launched(holdfast.launch(setup), configured(collectorOf(setup))),
  }));
}

const FILE = 'holdfast.yaml';

const launched = (launch: Launch, telemetry: object): Launch => ({
  ...launch,
  files: {
    ...launch.files,
    [FILE]: JSON.stringify({ ...JSON.parse(launch.files[FILE] ?? '{}'), telemetry }, undefined, 2),
  },
});

/** An endpoint takes what comes to any other path than that of the load, reads it and answers 200. */
const collectorOf = ({ endpoints: [first] }: Setup): string => `http://127.0.0.1:${first?.port}`;
