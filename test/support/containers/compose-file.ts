import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';

/** A container, as far as this project describes one. That nothing is misspelt, Compose's own schema sees to. */
export interface ComposeService {
  readonly image: string;
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly command?: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly user?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** `source:target` and `source:target:ro`. */
  readonly volumes?: readonly string[];
  /** `target:options`. */
  readonly tmpfs?: readonly string[];
  /** `address:port of the machine:port of the container`. */
  readonly ports?: readonly string[];
  readonly networks?: {
    readonly default: { readonly ipv4_address: string; readonly aliases?: readonly string[] };
  };
  readonly dns?: readonly string[];
  readonly sysctls?: Readonly<Record<string, number>>;
  readonly cap_add?: readonly string[];
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly read_only?: boolean;
  readonly restart?: string;
  readonly stop_grace_period?: string;
  readonly profiles?: readonly string[];
  readonly healthcheck?: { readonly disable?: boolean; readonly test?: readonly string[] };
  readonly depends_on?: readonly string[] | Readonly<Record<string, { readonly condition: string }>>;
  readonly logging?: { readonly driver: string; readonly options: Readonly<Record<string, string>> };
  readonly deploy?: {
    readonly resources: { readonly limits: { readonly cpus?: string; readonly memory?: string } };
  };
}

/** What `infra/compose/compose.yaml` says. */
export interface ComposeFile {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly networks: {
    readonly default: { readonly ipam: { readonly config: readonly [{ subnet: string; ip_range: string }] } };
  };
  readonly volumes: Readonly<Record<string, unknown>>;
}

export const COMPOSE_FOLDER = join(import.meta.dirname, '../../../infra/compose');

/** Reads the file as Compose does, with these variables. */
export async function readComposeFile(given: Readonly<Record<string, string>> = {}): Promise<ComposeFile> {
  const text = await readFile(join(COMPOSE_FOLDER, 'compose.yaml'), 'utf8');
  return interpolated(parse(text, { merge: true, maxAliasCount: -1 }), given) as ComposeFile;
}

/** `NAME=value` by line. */
export async function readEnvironment(file: string): Promise<Readonly<Record<string, string>>> {
  const text = await readFile(join(COMPOSE_FOLDER, file), 'utf8');
  return Object.fromEntries(
    [...text.matchAll(/^([A-Z_]+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]),
  );
}

/** `${NAME:-default}` in every text of it. */
function interpolated(value: unknown, given: Readonly<Record<string, string>>): unknown {
  if (typeof value === 'string') {
    return value.replaceAll(
      /\$\{(\w+):-([^}]*)\}/g,
      (_, name: string, other: string) => given[name] ?? other,
    );
  }
  if (Array.isArray(value)) return value.map((entry) => interpolated(entry, given));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, interpolated(entry, given)]));
}
