import { existsSync } from 'node:fs';
import { formatListenAddress, type ListenAddress } from '@holdfast/shared/config';
import { DEFAULT_CONFIG_FILE, loadConfig } from './config-file.ts';
import type { Terminal } from './terminal.ts';

/** How a command is told which node to ask: by a URL, or by the configuration that the node runs with. */
export interface AdminOptions {
  readonly url?: string;
  readonly config?: string;
}

/** The admin listener of a node. */
export interface AdminAddress {
  readonly url: URL;
  /** What it asks for; empty where that is nothing. */
  readonly token: string;
}

const DEFAULT_ADMIN: ListenAddress = { host: '127.0.0.1', port: 9900 };

/** Finds the admin listener to ask; or says what keeps it from being found, and answers undefined. */
export async function findAdmin(
  { url, config }: AdminOptions,
  terminal: Terminal,
): Promise<AdminAddress | undefined> {
  const token = terminal.environment.HOLDFAST_ADMIN_TOKEN ?? '';
  if (url === undefined) return adminOf(config, token, terminal);
  if (URL.canParse(url) && /^https?:/.test(url)) return { url: new URL(url), token };
  terminal.complain(`holdfast: expected a URL such as http://127.0.0.1:9900 for --url, found ${url}`);
  return undefined;
}

async function adminOf(
  file: string | undefined,
  token: string,
  terminal: Terminal,
): Promise<AdminAddress | undefined> {
  if (file === undefined && !existsSync(DEFAULT_CONFIG_FILE)) return { url: urlOf(DEFAULT_ADMIN), token };
  const named = file ?? DEFAULT_CONFIG_FILE;
  const loaded = await loadConfig(named, terminal);
  if (loaded === undefined) return undefined;
  const { admin } = loaded.config;
  if (admin !== undefined) return { url: urlOf(admin.listen), token: token || admin.token };
  terminal.complain(
    `holdfast: ${named} has no admin listener to ask: add "admin: {}", or name a URL with --url`,
  );
  return undefined;
}

/** Where to reach what listens there: an address that means every address is reached on loopback. */
const urlOf = ({ host, port }: ListenAddress): URL =>
  new URL(`http://${formatListenAddress({ host: LOOPBACK_OF[host] ?? host, port })}`);

const LOOPBACK_OF: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

/** `fetch` hides why a connection failed in the cause. */
export function unreachableBecause(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return cause instanceof Error ? cause.message : String(cause);
}
