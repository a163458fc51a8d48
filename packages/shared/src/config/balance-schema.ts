import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';

/** The policies that there is nothing more to say of. */
const plain = z.strictObject({
  policy: z
    .enum(['round-robin', 'least-connections', 'random-two', 'least-sessions'])
    .describe(
      'round-robin: in turn. least-connections: the fewest requests under way at this node. random-two: the better of two drawn at random. least-sessions: the fewest pinned sessions in the cluster.',
    ),
});

const sourceIp = z.strictObject({
  policy: z.literal('source-ip').describe('By the address of the client, at every node alike.'),
  ipv4Prefix: z
    .int()
    .min(1)
    .max(32)
    .default(32)
    .describe('Bits of an IPv4 address that count: with 24, neighbours of one network stay together.'),
  ipv6Prefix: z.int().min(1).max(128).default(128).describe('Bits of an IPv6 address that count.'),
});

const rendezvous = z.strictObject({
  policy: z
    .literal('rendezvous')
    .describe('By the key of the session, or else the address of the client, at every node alike.'),
  loadFactor: z
    .number('a number from 1.01 to 100')
    .min(1.01)
    .max(100)
    .optional()
    .describe(
      'No endpoint gets more than this many times its share of the requests under way; what is beyond goes to the next. Default: no bound.',
    ),
});

const long = z.discriminatedUnion('policy', [plain, sourceIp, rendezvous]);
const short = z.enum([...plain.shape.policy.options, 'source-ip', 'rendezvous']);

/** A balance policy as the program sees it, with its options, whether the file names it alone or with some. */
export type BalanceConfig = z.output<typeof long>;

const named = (policy: z.output<typeof short>): BalanceConfig => long.parse({ policy });

/** A balance policy: its name, or a mapping with its name and options. */
export const balance = z.codec(z.union([short, long]), z.custom<BalanceConfig>(), {
  decode: (written) => (typeof written === 'string' ? named(written) : written),
  encode: (config) => (isDeepStrictEqual(config, named(config.policy)) ? config.policy : config),
});
