import { type Clock, parseDuration, sleep, systemClock } from '@holdfast/shared';
import { type AdminOptions, findAdmin, unreachableBecause } from './admin-address.ts';
import { EXIT, type ExitCode, type Terminal } from './terminal.ts';

/** What `holdfast healthcheck` is told. */
export interface HealthcheckOptions extends AdminOptions {
  readonly wait?: string;
}

const READINESS_PATH = '/readyz';
const ANSWER_TIMEOUT_MS = 3_000;
const ASK_INTERVAL_MS = 100;

/** Asks a node's admin listener whether it is ready, for a container's health check; or waits until it is. */
export async function healthcheck(
  options: HealthcheckOptions,
  terminal: Terminal,
  clock: Clock = systemClock,
): Promise<ExitCode> {
  const waitMs = parseDuration(options.wait ?? '0s');
  if (waitMs === undefined) {
    terminal.complain(`holdfast: expected a duration such as 30s for --wait, found ${options.wait}`);
    return EXIT.usage;
  }
  const admin = await findAdmin(options, terminal);
  if (admin === undefined) return EXIT.usage;
  const url = readinessUrl(admin.url);
  const giveUpAtMs = clock.elapsed() + waitMs;
  for (;;) {
    const reason = await reasonAgainst(url);
    if (reason === undefined) return EXIT.ok;
    if (clock.elapsed() >= giveUpAtMs) {
      terminal.complain(`holdfast: not ready: ${url} ${reason}`);
      return EXIT.failure;
    }
    await sleep(clock, ASK_INTERVAL_MS);
  }
}

/** The URL with the path of readiness, unless it has a path of its own. */
function readinessUrl(base: URL): URL {
  const url = new URL(base);
  if (url.pathname === '/') url.pathname = READINESS_PATH;
  return url;
}

/** What speaks against it that the node is ready; undefined if nothing does. */
async function reasonAgainst(url: URL): Promise<string | undefined> {
  try {
    const response = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) });
    await response.body?.cancel();
    return response.ok ? undefined : `answered ${response.status}`;
  } catch (error) {
    return `did not answer: ${unreachableBecause(error)}`;
  }
}
