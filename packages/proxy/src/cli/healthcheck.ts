import { existsSync } from 'node:fs';
import { formatListenAddress, type ListenAddress } from '@holdfast/shared/config';
import { DEFAULT_CONFIG_FILE, loadConfig } from './config-file.ts';
import { EXIT, type ExitCode, type Terminal } from './terminal.ts';

/** What `holdfast healthcheck` is told. */
export interface HealthcheckOptions {
  readonly url?: string;
  readonly config?: string;
}

const READINESS_PATH = '/readyz';
const ANSWER_TIMEOUT_MS = 3_000;
const DEFAULT_ADMIN: ListenAddress = { host: '127.0.0.1', port: 9900 };

/** Asks a node's admin listener whether it is ready, for a container's health check. */
export async function healthcheck(options: HealthcheckOptions, terminal: Terminal): Promise<ExitCode> {
  const base = options.url ?? (await adminUrl(options.config, terminal));
  if (base === undefined) return EXIT.usage;
  if (!URL.canParse(base) || !/^https?:/.test(base)) {
    terminal.complain(`holdfast: expected a URL such as http://127.0.0.1:9900 for --url, found ${base}`);
    return EXIT.usage;
  }
  return ask(readinessUrl(base), terminal);
}

/** The URL with the path of readiness, unless it has a path of its own. */
function readinessUrl(base: string): URL {
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
    terminal.complain(`holdfast: not ready: ${url} did not answer: ${reasonOf(error)}`);
  }
  return EXIT.failure;
}

/** `fetch` hides why a connection failed in the cause. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return cause instanceof Error ? cause.message : String(cause);
}

async function adminUrl(file: string | undefined, terminal: Terminal): Promise<string | undefined> {
  if (file === undefined && !existsSync(DEFAULT_CONFIG_FILE)) return urlOf(DEFAULT_ADMIN);
  const named = file ?? DEFAULT_CONFIG_FILE;
  const loaded = await loadConfig(named, terminal);
  if (loaded === undefined) return undefined;
  if (loaded.config.admin !== undefined) return urlOf(loaded.config.admin.listen);
  terminal.complain(
    `holdfast: ${named} has no admin listener to ask: add "admin: {}", or name a URL with --url`,
  );
  return undefined;
}

/** Where to reach what listens there: an address that means every address is reached on loopback. */
const urlOf = ({ host, port }: ListenAddress): string =>
  `http://${formatListenAddress({ host: LOOPBACK_OF[host] ?? host, port })}`;

const LOOPBACK_OF: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };
