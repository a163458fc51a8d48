import { HoldfastError } from '@holdfast/shared';
import {
  type Config,
  type configSchema,
  type Environment,
  formatProblem,
  type ListenerConfig,
  parseConfig,
} from '@holdfast/shared/config';

/** A configuration as the file writes it: durations with units, everything that has a default optional. */
type WrittenConfig = ReturnType<typeof configSchema.encode>;
type WrittenListener = WrittenConfig['listeners'][number];

/**
 * What an embedded proxy is told: `pools`, and `store`, `secrets` and `cluster` where the defaults do not do, each as in the
 * configuration file. The app accepts requests and logs them, and so there is nothing to say of listeners and logs.
 */
export interface ProxyConfig extends Partial<Pick<WrittenConfig, 'cluster' | 'store' | 'secrets'>> {
  readonly pools: WrittenConfig['pools'];
  /** How requests are met, in the words of a listener. */
  readonly requests?: Partial<Pick<WrittenListener, 'trustedProxies' | 'debugHeaders'>> & {
    readonly limits?: Pick<NonNullable<WrittenListener['limits']>, 'bodyBytes'>;
  };
}

/** A configuration, and that listener of it whose rules hold for the requests that the app hands over. */
export interface EmbeddedConfig {
  readonly config: Config;
  readonly listener: ListenerConfig;
}

/**
 * Checks what was written in code as strictly as a file is checked.
 *
 * @throws HoldfastError `INTERNAL` that says everything that is wrong, each with its place
 */
export function readProxyConfig(
  { requests, ...rest }: ProxyConfig,
  environment: Environment = {},
): EmbeddedConfig {
  const listener = { name: 'embedded', listen: '127.0.0.1:0', pool: rest.pools[0]?.name, ...requests };
  return readConfigText(JSON.stringify({ ...rest, listeners: [listener] }), environment);
}

/**
 * Reads the text of a configuration file, of which the first listener's rules hold.
 *
 * @throws HoldfastError as {@link readProxyConfig}
 */
export function readConfigText(text: string, environment: Environment = {}): EmbeddedConfig {
  const parsed = parseConfig(text, { file: 'createProxy', environment });
  if (parsed.kind === 'problems')
    throw new HoldfastError('INTERNAL', parsed.problems.map(formatProblem).join('\n'));
  return { config: parsed.config, listener: parsed.config.listeners[0] as ListenerConfig };
}
