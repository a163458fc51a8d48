import type { ListenAddress } from '@holdfast/shared/config';
import { EXIT, type ExitCode, type Terminal } from './terminal.ts';

/** What `holdfast demo` is told. */
export interface DemoOptions {
  readonly once?: boolean;
}

/** What `holdfast demo endpoint` is told. */
export interface DemoEndpointOptions {
  readonly id: string;
  readonly listen: ListenAddress;
}

/** What `holdfast demo visitors` is told. */
export interface DemoVisitorsOptions {
  readonly visitors: number;
  readonly rate: number;
  readonly tries: number;
}

/** What `holdfast demo records` is told. */
export interface DemoRecordsOptions {
  readonly file: string;
}

// Modules are loaded only where they are needed, as by `run`.

/** Starts the demo, nodes, endpoints and a page that shows where sessions are, and answers with its exit code. */
export async function demo({ once }: DemoOptions): Promise<number> {
  const { runDemo } = await import('../demo/demo.ts');
  return runDemo({ once: once === true });
}

/** Serves one endpoint of the shop until a signal ends it, and answers what is under way first. */
export async function demoEndpoint(
  { id, listen }: DemoEndpointOptions,
  { print }: Terminal,
): Promise<ExitCode> {
  const { runShop } = await import('../demo/shop/serve-shop.ts');
  await runShop({ endpoint: id, instance: id, listen, onArrival: () => {} }, print);
  return EXIT.ok;
}

/** Visits the shop until a signal ends it. */
export async function demoVisitors(
  url: URL,
  options: DemoVisitorsOptions,
  { print }: Terminal,
): Promise<ExitCode> {
  const { runVisitors } = await import('../demo/visitors/run-visitors.ts');
  await runVisitors({ ...options, url, print });
  return EXIT.ok;
}

/** Has a name stand for the nodes that are ready until a signal ends it. */
export async function demoRecords(
  name: string,
  nodes: readonly URL[],
  { file }: DemoRecordsOptions,
  { print }: Terminal,
): Promise<ExitCode> {
  const { runRecords } = await import('../demo/records/run-records.ts');
  await runRecords({ name, nodes, file, print });
  return EXIT.ok;
}
