import { isIPv6 } from 'node:net';
import { type DiscoveryConfig, type EndpointConfig, endpointAddress } from '@holdfast/shared/config';

/** An endpoint as a registry names it, in the words of the configuration. */
export interface NamedEndpoint extends EndpointConfig {
  /** Whether the registry says that it serves those it has, and will not be there for long. Default: false. */
  readonly isLeaving?: boolean;
}

/** What a registry says of a pool: all of its endpoints, or why it cannot say. */
export type RegistryAnswer =
  | { readonly kind: 'named'; readonly endpoints: readonly NamedEndpoint[] }
  | { readonly kind: 'failed'; readonly reason: string };

/** Hears every answer of a registry, whether or not it is another one than before. */
export type HearAnswer = (answer: RegistryAnswer) => void;

/** Who names the endpoints of a pool while a node runs: DNS, a file, Kubernetes. */
export interface Registry {
  /**
   * Begins to ask, and goes on until it is stopped. A registry that cannot be reached is an answer.
   *
   * @throws HoldfastError `INTERNAL` if what it takes to ask is not there
   */
  start(hear: HearAnswer): void | Promise<void>;
  /** Ends. No answer is heard from now on. */
  stop(): void;
}

/** Where an endpoint answers that is named by its address. */
export const urlAt = (scheme: DiscoveryConfig['scheme'], address: string, port: number): string =>
  `${scheme}://${isIPv6(address) ? `[${address}]` : address}:${port}`;

/** An endpoint of which no more is known than where it answers; its id is host and port, as in a configuration. */
export const endpointAt = (url: string, traits: Partial<NamedEndpoint> = {}): NamedEndpoint => ({
  id: endpointAddress(url),
  url,
  weight: 1,
  sticky: true,
  backup: false,
  ...traits,
});

const REASON_LENGTH_MAX = 500;

export const failed = (error: unknown): RegistryAnswer => ({
  kind: 'failed',
  reason: (error instanceof Error ? error.message : String(error)).slice(0, REASON_LENGTH_MAX),
});
