import fc from 'fast-check';
import { describe, it } from 'vitest';
import { importCce } from './cce/import-cce.ts';
import { importHaproxy } from './haproxy/import-haproxy.ts';
import type { Imported } from './imported.ts';
import { importNginx } from './nginx/import-nginx.ts';
import { configOf } from './testing/imported-config.ts';

/** Fails where the text makes the import throw, or hand out what `holdfast validate` would refuse. */
function isSound(imported: Imported): void {
  if (imported.kind === 'imported') configOf(imported);
}

const value = fc.oneof(
  fc.constantFrom(
    '0',
    '-1',
    '99999999',
    '1h',
    'a b',
    '"',
    '$x',
    '${A',
    '/',
    '*',
    '_',
    'x'.repeat(300),
    'é',
    '10.0.0.1:80',
  ),
  fc.string({ maxLength: 8 }),
);

const line = (templates: readonly string[]) =>
  fc
    .tuple(fc.constantFrom(...templates), fc.array(value, { minLength: 4, maxLength: 4 }))
    .map(([template, values]) => values.reduce((text, one) => text.replace('?', () => one), template));

const NGINX = [
  'server 10.0.0.1 weight=? max_fails=? fail_timeout=?;',
  'server ? max_conns=? slow_start=?;',
  'sticky cookie "?" expires=? domain=? path=?;',
  'sticky learn create=$upstream_cookie_? lookup=$cookie_? timeout=?;',
  'hash $arg_?; queue ? timeout=?;',
  'location "?" { proxy_pass http://shop; proxy_read_timeout ?; health_check interval=? uri=?; }',
  'listen ?; server_name ? "?"; set_real_ip_from ?;',
  'location / { proxy_pass http://?; proxy_ssl_name "?"; }',
  'ssl_certificate "?"; ssl_certificate_key "?"; listen 443 ssl;',
  'listen 80 proxy_protocol; client_max_body_size ?;',
];

const HAPROXY = [
  'frontend "?"',
  'backend "?"',
  'server ? ? weight ? maxconn ?',
  'server a 10.0.0.1:80 check inter ? fall ? ssl ca-file "?"',
  'server b 10.0.0.2:80 cookie "?"',
  'cookie "?" insert maxidle ? maxlife ? domain "?"',
  'stick on hdr(?)',
  'stick-table type ip expire ?',
  'bind ?',
  'bind :80 ssl crt "?"',
  'use_backend shop if { hdr(host) "?" } { path_beg "?" }',
  'default_backend shop',
  'timeout connect ?',
  'option httpchk GET "?"',
  'mode tcp',
  'balance hdr(?)',
];

const CCE = [
  '    kubernetes.io/elb.session-affinity-option: \'{"persistence_timeout":"?"}\'',
  '    kubernetes.io/elb.session-affinity-mode: HTTP_COOKIE',
  '    kubernetes.io/elb.session-affinity-mode: "?"',
  '    kubernetes.io/elb.protocol-port: "http:80?"',
  '    kubernetes.io/elb.health-check-option: \'{"delay":"?","path":"?","timeout":"?"}\'',
  '    kubernetes.io/elb.lb-algorithm: "?"',
];

describe('an import', () => {
  it('of any text ends, and hands out nothing that cannot be run with', () => {
    const text = fc.oneof(fc.string(), fc.string({ unit: 'binary', maxLength: 200 }));
    fc.assert(
      fc.property(text, (hostile) => {
        for (const read of [importNginx, importHaproxy, importCce]) isSound(read(hostile));
      }),
    );
  });

  it('from nginx hands out nothing that cannot be run with, whatever the directives are given', () => {
    fc.assert(
      fc.property(
        fc.array(line(NGINX), { maxLength: 5 }),
        fc.array(line(NGINX), { maxLength: 5 }),
        (inner, outer) => {
          isSound(
            importNginx(`upstream shop { server a; ${inner.join('\n')} }\nserver { ${outer.join('\n')} }`),
          );
        },
      ),
    );
  });

  it('from HAProxy hands out nothing that cannot be run with, whatever the lines are given', () => {
    fc.assert(
      fc.property(fc.array(line(HAPROXY), { maxLength: 8 }), (lines) => {
        isSound(importHaproxy(`backend shop\nserver x 10.0.0.9:80\n${lines.join('\n')}`));
      }),
    );
  });

  it('from CCE hands out nothing that cannot be run with, whatever the annotations are given', () => {
    fc.assert(
      fc.property(fc.array(line(CCE), { maxLength: 4 }), value, (annotations, name) => {
        const metadata = `metadata:\n  name: ${JSON.stringify(name)}\n  annotations:\n${annotations.join('\n')}`;
        isSound(importCce(`kind: Service\n${metadata}\nspec: { ports: [{ port: 80 }] }`));
      }),
    );
  });
});
