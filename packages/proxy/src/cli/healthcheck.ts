import { type AdminOptions, findAdmin, unreachableBecause } from './admin-address.ts';
import { EXIT, type ExitCode, type Terminal } from './terminal.ts';

/** What `holdfast healthcheck` is told. */
export type HealthcheckOptions = AdminOptions;

const READINESS_PATH = '/readyz';
const ANSWER_TIMEOUT_MS = 3_000;

/** Asks a node's admin listener whether it is ready, for a container's health check. */
export async function healthcheck(options: HealthcheckOptions, terminal: Terminal): Promise<ExitCode> {
  const admin = await findAdmin(options, terminal);
  return admin === undefined ? EXIT.usage : ask(readinessUrl(admin.url), terminal);
}

/** The URL with the path of readiness, unless it has a path of its own. */
function readinessUrl(base: URL): URL {
  const url = new URL(base);
  if (url.pathname === '/') url.pathname = READINESS_PATH;
  return url;
}

async function ask(url: URL, terminal: Terminal): Promise<ExitCode> {
  try {
    const response = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) });
    await response.body?.cancel();
    if (response.ok) return EXIT.ok;
    terminal.complain(`holdfast: not ready: ${url} answered ${response.status}`);
  } catch (error) {
    terminal.complain(`holdfast: not ready: ${url} did not answer: ${unreachableBecause(error)}`);
  }
  return EXIT.failure;
}
