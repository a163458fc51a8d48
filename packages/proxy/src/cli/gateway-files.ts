import { readFile } from 'node:fs/promises';
import { type ConfigProblem, formatProblem, type ParsedConfig } from '@holdfast/shared/config';
import { bundleText, type NamedText, parseText } from '../import/gateway/gateway-bundle.ts';
import type { ConfigSource } from '../node/config-source.ts';
import { unreadableBecause } from './config-file.ts';
import type { Terminal } from './terminal.ts';

/** The files of a node whose listeners and pools are described by a gateway. */
export interface GatewayFiles {
  /** The Kubernetes objects. */
  readonly manifests: string;
  /** Where the endpoints of Services are. */
  readonly services: string;
  /** A configuration without listeners and pools. */
  readonly settings: string | undefined;
}

/** Reads and translates a gateway. That one of its files cannot be read is one more problem of it. */
export async function readGateway(
  files: GatewayFiles,
  { environment }: Pick<Terminal, 'environment'>,
): Promise<ParsedConfig & { readonly text: string }> {
  try {
    const text = await readBundle(files);
    return { ...parseText(text, files.manifests, environment), text };
  } catch (error) {
    return { kind: 'problems', problems: [unreadable(files, error)], text: '' };
  }
}

/** The files of a gateway as a node follows them. @param text what they held when the node was started */
export const gatewaySource = (
  files: GatewayFiles,
  text: string,
  { environment }: Pick<Terminal, 'environment'>,
): ConfigSource & { readonly text: string } => ({
  text,
  read: () => readBundle(files),
  parse: (read) => parseText(read, files.manifests, environment),
  unreadable: (error) => formatProblem(unreadable(files, error)),
});

async function readBundle({ manifests, services, settings }: GatewayFiles): Promise<string> {
  const named = async (file: string): Promise<NamedText> => ({ file, text: await readFile(file, 'utf8') });
  return bundleText({
    manifests: await named(manifests),
    services: await named(services),
    ...(settings !== undefined && { settings: await named(settings) }),
  });
}

function unreadable({ manifests }: GatewayFiles, error: unknown): ConfigProblem {
  const file = error instanceof Error && 'path' in error ? String(error.path) : manifests;
  const message = `expected a file that can be read, found ${unreadableBecause(error)}`;
  return { file, line: 1, column: 1, path: '', message };
}
