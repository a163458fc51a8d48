import type { Contender } from '../../contenders/contender.ts';
import type { Pair } from '../pair.ts';
import { caddyCookie } from './caddy.ts';
import { haproxyCookie, haproxyHash, haproxyPeers } from './haproxy.ts';
import { holdfastPair } from './holdfast.ts';
import { nginxHash } from './nginx.ts';

const ALL_PAIRS: readonly Pair[] = [
  holdfastPair,
  haproxyCookie,
  haproxyHash,
  haproxyPeers,
  nginxHash,
  caddyCookie,
];

/** The pairs that there are of a contender: several of one that has several ways to keep a session, or none. */
export const pairsOf = ({ name }: Contender): readonly Pair[] =>
  ALL_PAIRS.filter(({ contender }) => contender === name);
