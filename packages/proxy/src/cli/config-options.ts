import type { ParsedConfig } from '@holdfast/shared/config';
import { type ConfigSource, noSource } from '../node/config-source.ts';
import { configSource, DEFAULT_CONFIG_FILE, readConfigFile } from './config-file.ts';
import { type GatewayFiles, gatewaySource, readGateway } from './gateway-files.ts';
import type { Terminal } from './terminal.ts';

/** Where a command is told that the configuration is. */
export interface ConfigOptions {
  /** A configuration file; beside `gatewayYaml` one without listeners and pools. */
  readonly config?: string;
  /** A file of Kubernetes objects that describe listeners and pools. */
  readonly gatewayYaml?: string;
  /** Where the endpoints of the Services in `gatewayYaml` are. */
  readonly services?: string;
}

/** What a command was told of, as it stands there now. */
export interface NamedConfig {
  /** The name of the file, for people. */
  readonly file: string;
  readonly parsed: ParsedConfig & { readonly text: string };
  /** What a node follows. */
  readonly source: ConfigSource & { readonly text: string };
}

type Environment = Pick<Terminal, 'environment'>;

/** Reads the configuration that the options name, from one file or from those of a gateway. */
export async function readNamed(
  { config, gatewayYaml, services }: ConfigOptions,
  environment: Environment,
): Promise<NamedConfig> {
  if (gatewayYaml === undefined && services === undefined) {
    return readFrom(config ?? DEFAULT_CONFIG_FILE, environment);
  }
  if (gatewayYaml === undefined || services === undefined) return missingHalf(gatewayYaml ?? services ?? '');
  return readFromGateway({ manifests: gatewayYaml, services, settings: config }, environment);
}

/** One of the two says what Services there are, the other where they are. */
function missingHalf(file: string): NamedConfig {
  const message = 'expected --gateway-yaml and --services together, found only one of them';
  const problem = { file, line: 1, column: 1, path: '', message };
  return {
    file,
    parsed: { kind: 'problems', problems: [problem], text: '' },
    source: { ...noSource, text: '' },
  };
}

async function readFrom(file: string, environment: Environment): Promise<NamedConfig> {
  const parsed = await readConfigFile(file, environment);
  return { file, parsed, source: configSource(file, parsed.text, environment) };
}

async function readFromGateway(files: GatewayFiles, environment: Environment): Promise<NamedConfig> {
  const parsed = await readGateway(files, environment);
  return { file: files.manifests, parsed, source: gatewaySource(files, parsed.text, environment) };
}
