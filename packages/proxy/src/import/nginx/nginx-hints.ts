import type { Draft } from '../draft.ts';
import type { NginxDirective } from './nginx-directives.ts';

const NOT_NEEDED = 'not needed';
const BY_MIDDLEWARE = 'not a matter of stickiness: a middleware can do it (docs/guides/middleware.md)';
const BY_ANOTHER = 'Holdfast serves no files and runs no scripts: leave it to another server';

/** What to know of a directive that is not carried over: whole names first, then beginnings. */
const HINTS: readonly (readonly [name: RegExp, hint: string])[] = [
  [/^include$/, 'not followed: "nginx -T" prints a configuration with everything that it includes'],
  [/^zone$/, `${NOT_NEEDED}: nodes share their sessions through the store`],
  [/^keepalive(?:_requests|_time)?$|^keepalive_timeout$/, `${NOT_NEEDED}: connections to endpoints are kept`],
  [
    /^proxy_http_version$|^proxy_buffering$|^proxy_request_buffering$|^tcp_no/,
    `${NOT_NEEDED}: messages are streamed over HTTP/1.1`,
  ],
  [
    /^(?:user|pid|worker_.*|events|error_log|use|multi_accept|daemon|sendfile|types.*|default_type)$/,
    `${NOT_NEEDED}: it is about the process of nginx (for processes, see "workers")`,
  ],
  [
    /^(?:access_log|log_format)$/,
    `${NOT_NEEDED}: each request is one line of JSON on standard output (log.access)`,
  ],
  [/^(?:http2|http2_.*)$/, 'HTTP/2 is spoken by https listeners with "server: node" (docs/guides/http2.md)'],
  [
    /^real_ip_/,
    `${NOT_NEEDED}: trustedProxies are believed in Forwarded, X-Forwarded-For and the PROXY protocol`,
  ],
  [/^proxy_next_upstream/, 'Holdfast tries once more where nothing was sent or the method is idempotent'],
  [/^proxy_cookie_|^proxy_redirect$/, 'responses are not rewritten'],
  [
    /^(?:rewrite|return|if|set|map|geo|split_clients|add_header|expires|more_.*|limit_.*|auth_.*|allow|deny|satisfy)$/,
    BY_MIDDLEWARE,
  ],
  [
    /^(?:gzip.*|brotli.*|charset|sub_filter.*|error_page|proxy_intercept_errors|proxy_hide_header|proxy_cache.*)$/,
    BY_MIDDLEWARE,
  ],
  [/^(?:root|alias|index|try_files|autoindex|fastcgi_.*|uwsgi_.*|scgi_.*|.*_by_lua.*|js_.*)$/, BY_ANOTHER],
  [
    /^ssl_(?:ciphers|prefer.*|session.*|dhparam|ecdh.*|stapling.*|trusted.*|buffer.*|early.*)$/,
    "Node's defaults are in force",
  ],
  [/^ssl_(?:client_certificate|verify.*|crl)$/, 'clients are not asked for certificates'],
  [/^ssl_preread$/, `${NOT_NEEDED}: routes of a tcp listener may have match.sni`],
  [/^proxy_send_timeout$/, 'timeouts.stall of the listener watches request bodies'],
  [/^resolver/, 'names of endpoints are resolved by the system'],
];

/** Says of a directive, and of those in its block, that it is not carried over, and what to know of that. */
export function noteLeft(draft: Draft, directive: NginxDirective): void {
  const hint = HINTS.find(([pattern]) => pattern.test(directive.name))?.[1];
  const within =
    directive.block === undefined || directive.block.length === 0 ? '' : ', with all that is in its block';
  draft.note(directive, (hint ?? 'no equivalent') + within);
}
