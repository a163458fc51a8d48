import { z } from 'zod';
import { formatPercentage, formatRate, parsePercentage, parseRate } from '../rate.ts';
import { duration, HOUR_MS } from './fields.ts';

export const RATE_MAX = 1_000;
const A_RATE = `a rate from 1/s to ${RATE_MAX}/s, such as 50/s`;
const A_PERCENTAGE = 'a whole percentage from 0% to 100%, such as 10%';

/** How often in a second something is done. */
const rate = z.codec(
  z.string(A_RATE).meta({ title: 'rate', pattern: '^[0-9]{1,4}/s$', examples: ['50/s'] }),
  z.number(),
  {
    decode(text, context) {
      const perSecond = parseRate(text);
      if (perSecond !== undefined && perSecond <= RATE_MAX) return perSecond;
      context.issues.push({ code: 'custom', input: text, message: A_RATE });
      return z.NEVER;
    },
    encode: formatRate,
  },
);

/** A part of something, as a fraction. */
const percentage = z.codec(
  z.string(A_PERCENTAGE).meta({ title: 'percentage', pattern: '^[0-9]{1,3}%$', examples: ['10%'] }),
  z.number(),
  {
    decode(text, context) {
      const fraction = parsePercentage(text);
      if (fraction !== undefined) return fraction;
      context.issues.push({ code: 'custom', input: text, message: A_PERCENTAGE });
      return z.NEVER;
    },
    encode: formatPercentage,
  },
);

export const rebalance = z.strictObject({
  automatic: z
    .boolean()
    .default(false)
    .describe('Whether a rebalance begins when an endpoint joins. Else operators begin it.'),
  rate: rate
    .prefault('50/s')
    .describe('Sessions that are moved in a second, at most; also from a drained endpoint.'),
  idleFor: duration(1_000, HOUR_MS)
    .prefault('30s')
    .describe('Only sessions that have certainly made no request for so long are moved.'),
  tolerance: percentage
    .prefault('10%')
    .describe('How far the sessions of an endpoint may be from what its weight is worth.'),
});
