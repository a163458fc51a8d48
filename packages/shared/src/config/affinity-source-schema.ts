import { z } from 'zod';
import { cookieName, duration, headerName, jsonFieldName, parameterName, YEAR_MS } from './fields.ts';

/**
 * The ways to know a session: where its key stands in a request, and who makes it up. Without `learn` the client does,
 * and an unknown key begins a session; with it the endpoint does, and an unknown key is nobody's, unless clients may make
 * keys up as well (`given`).
 */

const COOKIE_ATTRIBUTE = /^(?:path|domain|expires|max-age|httponly|samesite|secure)$/i;

const attributes = z
  .array(
    z
      .string()
      .refine(
        (name) => COOKIE_ATTRIBUTE.test(name),
        'one of Path, Domain, Expires, Max-Age, HttpOnly, SameSite, Secure, in any case',
      ),
  )
  .max(7)
  .refine(
    (names) => new Set(names.map((name) => name.toLowerCase())).size === names.length,
    'each attribute once',
  )
  .default(['Path', 'Domain', 'Max-Age', 'HttpOnly', 'SameSite', 'Secure'])
  .describe(
    'Which attributes the cookie may have, in this order and spelling. One that is not listed is never written, whatever the other keys say; add Expires for clients that do not know Max-Age.',
  );

export const cookieAttributes = z.strictObject({
  path: z
    .string()
    .regex(/^\/[^;\s]*$/, 'a path that starts with "/", without ";" or spaces')
    .default('/')
    .describe('Requests below this path carry the cookie.'),
  domain: z
    .string()
    .regex(/^[A-Za-z0-9.-]{1,253}$/, 'a domain name')
    .optional()
    .describe('Also the hosts below this domain get the cookie. Default: only the host that set it.'),
  sameSite: z
    .enum(['Lax', 'Strict', 'None'])
    .default('Lax')
    .describe('Whether requests from other sites carry the cookie. None needs Secure.'),
  secure: z
    .enum(['auto', 'always', 'never'])
    .default('auto')
    .describe('auto: on requests that arrived over TLS, here or at a trusted proxy.'),
  httpOnly: z.boolean().default(true).describe('Hides the cookie from scripts in the page.'),
  lifetime: z
    .enum(['session', 'permanent'])
    .default('session')
    .describe('session: ends with the browser. permanent: ends at a time, by Max-Age and Expires.'),
  maxAge: duration(1_000, YEAR_MS)
    .optional()
    .describe(
      'How long a permanent cookie lasts, whatever becomes of its session. Default: the idle timeout, and no longer than until the absolute end of the session.',
    ),
  refresh: z
    .enum(['when-due', 'always', 'never'])
    .default('when-due')
    .describe(
      'Beside changes of the session, when the cookie is set again. when-due: after a quarter of the idle timeout. always: with every response. never: not at all.',
    ),
  attributes,
  twin: cookieName
    .optional()
    .describe(
      'Name of a second cookie that says the same with SameSite=None and Secure, for requests from other sites. Default: none.',
    ),
  cacheControl: z
    .enum(['private', 'no-cache', 'none'])
    .default('private')
    .describe(
      'What Cache-Control says of a response that sets the cookie. private: only the client may keep it. no-cache: any cache may, without the cookie. none: what the endpoint says.',
    ),
});

/** What the attributes of a cookie say. */
export type CookieConfig = z.output<typeof cookieAttributes>;

const cookie = z.strictObject({
  type: z.literal('cookie').describe('A sealed cookie that Holdfast sets names the session.'),
  name: cookieName.default('_srv_id').describe('Name of the cookie. Pools that share a host need one each.'),
  cookie: cookieAttributes.prefault({}).describe('Attributes of the cookie.'),
});

const companion = z.strictObject({
  name: cookieName.describe('Name of the companion. Endpoints never see it.'),
  twin: cookieName
    .optional()
    .describe(
      'Name of a second one that says the same with SameSite=None and Secure, for requests from other sites. Default: none.',
    ),
});

/** The sealed cookie that goes with a cookie of the application. */
export type CompanionConfig = z.output<typeof companion>;

const learnt = {
  header: headerName.optional().describe('A header of a response.'),
  cookie: cookieName.optional().describe('A cookie that a response sets.'),
  body: jsonFieldName
    .optional()
    .describe(
      'A JSON field of text within the first 4 KiB of a response of type JSON or plain text, as the sid of Socket.IO is.',
    ),
};

const SOMETHING = 'at least one place that the key is learnt from';

const learn = z
  .strictObject(learnt)
  .refine((places) => Object.values(places).some((place) => place !== undefined), SOMETHING)
  .optional()
  .describe('Where endpoints say the key of a session that begins. Default: clients make it up.');

const learnWithLocation = z
  .strictObject({
    ...learnt,
    location: z.literal(true).optional().describe('The same parameter in the Location of a redirect.'),
  })
  .refine((places) => Object.values(places).some((place) => place !== undefined), SOMETHING)
  .optional()
  .describe('Where endpoints say the key of a session that begins. Default: clients make it up.');

const given = z
  .literal(true)
  .optional()
  .describe(
    'Clients may make keys up even where endpoints issue them: an unknown one begins a session, too. Default: only where none is learnt.',
  );

const appCookie = z.strictObject({
  type: z
    .literal('app-cookie')
    .describe('A cookie of the application names the session, from the response that sets it.'),
  name: cookieName.describe('Name of the cookie. Endpoints and clients see it as it is.'),
  learn: learn.describe('Where endpoints say the key of a session that begins. Default: in this cookie.'),
  given: given.describe(
    'Values that no response has set count as well: an unknown one begins a session, such as that of a client who had its cookie before Holdfast was there. Default: an unknown one is nobody’s.',
  ),
  companion: companion
    .optional()
    .describe(
      'A sealed cookie that is set beside it, with the same attributes, and from which a session map that was lost learns its sessions again. Default: none.',
    ),
});

const header = z.strictObject({
  type: z.literal('header').describe('A header of the request names the session.'),
  name: headerName.describe('Name of the header, such as Mcp-Session-Id.'),
  learn,
  given,
});

const query = z.strictObject({
  type: z.literal('query').describe('A parameter of the query names the session, as in /path?sid=1.'),
  name: parameterName.describe('Name of the parameter.'),
  learn: learnWithLocation,
  given,
});

const path = z.strictObject({
  type: z.literal('path').describe('A parameter of the path names the session, as in /path;jsessionid=1.'),
  name: parameterName.default('jsessionid').describe('Name of the parameter.'),
  learn: learnWithLocation,
  given,
});

const sourceIp = z.strictObject({
  type: z.literal('source-ip').describe('The address of the client names the session.'),
  mode: z
    .enum(['table', 'hash'])
    .default('table')
    .describe(
      'table: the address is pinned, as any session is. hash: nothing is kept; every node computes the endpoint, and one that leaves or returns moves its own clients.',
    ),
  ipv4Prefix: z
    .int()
    .min(1)
    .max(32)
    .default(32)
    .describe('Bits of an IPv4 address that count: with 24, neighbours of one network are one session.'),
  ipv6Prefix: z.int().min(1).max(128).default(128).describe('Bits of an IPv6 address that count.'),
});

/** Every kind of source, by its `type`. */
export const affinitySources = [cookie, appCookie, header, query, path, sourceIp] as const;

/** One way to know a session. */
export type AffinitySourceConfig = z.output<(typeof affinitySources)[number]>;
export type SourceConfigOf<Type extends AffinitySourceConfig['type']> = Extract<
  AffinitySourceConfig,
  { type: Type }
>;
/** What a key is learnt from. */
export type LearnConfig = NonNullable<SourceConfigOf<'query'>['learn']>;
