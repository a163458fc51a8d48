import { BenchError } from '../bench-error.ts';
import { caddy } from './caddy.ts';
import type { Contender } from './contender.ts';
import { haproxy } from './haproxy.ts';
import { type HoldfastOptions, holdfast } from './holdfast.ts';
import { nginx } from './nginx.ts';
import { nodeProxy } from './node-proxy.ts';

/** Every contender, in the order in which a round runs and the report lists them. */
export const allContenders = (options: HoldfastOptions): readonly Contender[] => [
  holdfast(options),
  haproxy,
  nginx,
  caddy,
  nodeProxy('http-proxy', 'http-proxy'),
  nodeProxy('fastify-http-proxy', '@fastify/http-proxy', { lacksWebSocket: true }),
];

/** The contenders of these names, in the given order. Throws a {@link BenchError} for a name that nobody has. */
export function selectContenders(all: readonly Contender[], names: readonly string[]): readonly Contender[] {
  return names.map((name) => {
    const contender = all.find((candidate) => candidate.name === name);
    if (contender !== undefined) return contender;
    throw new BenchError(
      `unknown contender "${name}"; expected ${all.map((known) => known.name).join(', ')}`,
    );
  });
}
