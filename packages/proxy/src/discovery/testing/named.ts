import { endpointAt, type NamedEndpoint, type RegistryAnswer } from '../registry.ts';

/** An endpoint at 10.0.0.`last`:8080, as a registry names it. */
export const at = (last: number, traits: Partial<NamedEndpoint> = {}): NamedEndpoint =>
  endpointAt(`http://10.0.0.${last}:8080`, traits);

/** An answer that names endpoints at 10.0.0.x. */
export const naming = (...lasts: readonly number[]): RegistryAnswer => ({
  kind: 'named',
  endpoints: lasts.map((last) => at(last)),
});
