import { z } from 'zod';
import type { WrittenAffinity } from '../config/affinity-schema.ts';
import { cookieName, counted, YEAR_MS } from '../config/fields.ts';

const values = {
  cookieName: cookieName.describe('Name of the cookie.'),
  expires: counted(1, YEAR_MS / 1_000, 'seconds').describe(
    'Seconds from the first request until the session ends, for the client and on every node.',
  ),
};

/** The `config` of a SessionStickyPolicy of Flomesh Service Mesh, by the names of gateway.flomesh.io/v1alpha1. */
export const stickyConfig = z.strictObject(values).partial();

/** As {@link stickyConfig}, with its defaults. */
export const fsm = z.strictObject({
  profile: z.literal('fsm').describe('Sticky sessions as the gateway of Flomesh Service Mesh keeps them.'),
  cookieName: values.cookieName.default('_srv_id'),
  expires: values.expires.default(3_600),
});

/** The cookie is set once, with the date of its end, and later requests move neither. */
export const fsmAffinity = ({ cookieName: name, expires }: z.output<typeof fsm>): WrittenAffinity => ({
  type: 'cookie',
  name,
  cookie: { lifetime: 'permanent', refresh: 'never', attributes: ['path', 'expires', 'max-age'] },
  idleTimeout: `${expires}s`,
  absoluteTimeout: `${expires}s`,
});
