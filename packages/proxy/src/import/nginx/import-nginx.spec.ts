import { describe, expect, it } from 'vitest';
import { configOf, noted } from '../testing/imported-config.ts';
import { importNginx } from './import-nginx.ts';

const poolOf = (upstream: string) =>
  configOf(importNginx(`upstream shop { ${upstream} server 10.0.0.1; }`)).pools[0]!;

describe('the nginx configurations of the source documents', () => {
  it('carry a sticky cookie over with its lifetime', () => {
    const imported = importNginx(`upstream backend {
sticky cookie srv_id expires=1h; # Cookie-based affinity
server 10.0.0.1;
server 10.0.0.2;
}
`);
    const { listeners, pools } = configOf(imported);
    expect(imported.notes).toEqual([]);
    expect(listeners).toMatchObject([{ listen: { port: 8080 }, routes: [{ pool: 'backend' }] }]);
    expect(pools).toMatchObject([
      {
        name: 'backend',
        endpoints: [{ url: 'http://10.0.0.1:80' }, { url: 'http://10.0.0.2:80' }],
        affinity: {
          sources: [{ type: 'cookie', name: 'srv_id', cookie: { lifetime: 'permanent' } }],
          idleTimeout: 3_600_000,
        },
      },
    ]);
  });

  it('keep networks together where ip_hash does', () => {
    const imported = importNginx(`upstream backend {
ip_hash;
server backend1.example.com;
server backend2.example.com;
server backend3.example.com;
}
`);
    const [pool] = configOf(imported).pools;
    expect(imported.notes).toEqual([]);
    expect(pool?.affinity.sources).toEqual([
      { type: 'source-ip', mode: 'hash', ipv4Prefix: 24, ipv6Prefix: 128 },
    ]);
    expect(pool?.endpoints).toHaveLength(3);
  });
});

describe('importNginx', () => {
  it.each([
    ['hash $binary_remote_addr consistent;', { type: 'source-ip', mode: 'hash', ipv4Prefix: 32 }],
    ['hash $cookie_JSESSIONID;', { type: 'app-cookie', name: 'JSESSIONID', given: true }],
    ['hash $http_mcp_session_id;', { type: 'header', name: 'Mcp-Session-Id' }],
    ['hash $arg_sid;', { type: 'query', name: 'sid' }],
    [
      'sticky learn create=$upstream_cookie_SID lookup=$cookie_SID zone=s:1m;',
      { type: 'app-cookie', name: 'SID' },
    ],
    [
      'sticky learn create=$upstream_http_x_id lookup=$http_x_id zone=s:1m;',
      { type: 'header', name: 'X-Id', learn: { header: 'X-Id' } },
    ],
    [
      'sticky cookie id domain=.example.com path=/app secure samesite=strict httponly;',
      {
        type: 'cookie',
        name: 'id',
        cookie: { domain: 'example.com', path: '/app', secure: 'always', sameSite: 'Strict' },
      },
    ],
  ])('knows sessions by %s', (directive, source) => {
    expect(poolOf(directive).affinity.sources).toMatchObject([source]);
  });

  it('has endpoints named by the application where "sticky route" does, by their routes', () => {
    const imported = importNginx(`upstream shop {
  server 10.0.0.1 route=a;
  server 10.0.0.2 route=b;
  sticky route $cookie_route $arg_route;
}`);
    expect(imported.notes).toEqual([]);
    expect(configOf(imported).pools[0]).toMatchObject({
      endpoints: [{ label: 'a' }, { label: 'b' }],
      affinity: {
        labels: [
          { in: 'cookie', name: 'route' },
          { in: 'query', name: 'route' },
        ],
      },
    });
  });

  it.each([
    ['learn lookup=$cookie_a zone=z:1m', 'nginx refuses it: "create" parameter is not specified'],
    ['route $route_cookie', 'expected $cookie_NAME, $arg_NAME or $http_NAME, found $route_cookie'],
  ])('leaves "sticky %s" out and says why', (sticky, reason) => {
    const imported = importNginx(`upstream shop { sticky ${sticky}; server 10.0.0.1; }`);
    expect(imported.notes.map((note) => note.reason).join()).toContain(reason);
    expect(configOf(imported).pools[0]?.affinity.sources).toEqual([]);
  });

  it('takes the timeout that nginx has where "sticky learn" names none', () => {
    expect(
      poolOf('sticky learn create=$upstream_cookie_a lookup=$cookie_a zone=s:1m;').affinity.idleTimeout,
    ).toBe(600_000);
  });

  it('lets a session that nginx keeps for a month last for a month', () => {
    const { affinity } = poolOf('sticky cookie id expires=30d;');
    expect([affinity.idleTimeout, affinity.absoluteTimeout]).toEqual([2_592_000_000, 2_592_000_000]);
  });

  it('carries weights, limits, backups and failures over, and leaves out what is down', () => {
    const imported = importNginx(`upstream shop {
  server a:1 weight=3 max_fails=5 fail_timeout=1m;
  server b:2 backup max_conns=7;
  server c:3 down;
  server unix:/run/d.sock;
  server e:5 drain;
}`);
    const [pool] = configOf(imported).pools;
    expect(pool).toMatchObject({
      endpoints: [
        { url: 'http://a:1', weight: 3 },
        { url: 'http://b:2', backup: true, maxConnections: 7 },
        { url: 'http://e:5', weight: 0 },
      ],
      outlierDetection: { consecutiveFailures: 5, ejectionTime: 60_000 },
    });
    expect(noted(imported)).toEqual(['4 server', '5 server']);
  });

  it('routes by server names and locations, the default server taking all other hosts', () => {
    const imported = importNginx(`http {
  upstream a { server 10.0.0.1; }
  upstream b { server 10.0.0.2:8443; }
  server { listen 80; server_name a.example; location / { proxy_pass http://a; } }
  server { listen 80; server_name .b.example; location /x { proxy_pass https://b; } location ~ \\.php$ { proxy_pass http://a; } }
}`);
    const { listeners, pools } = configOf(imported);
    expect(listeners.map(({ routes }) => routes)).toEqual([
      [
        { match: { host: 'a.example', path: '/' }, pool: 'a' },
        { match: { path: '/' }, pool: 'a' },
        { match: { host: 'b.example', path: '/x' }, pool: 'b' },
        { match: { host: '*.b.example', path: '/x' }, pool: 'b' },
      ],
    ]);
    expect(pools.map(({ endpoints }) => endpoints[0]?.url)).toEqual([
      'http://10.0.0.1:80',
      'https://10.0.0.2:8443',
    ]);
    expect(noted(imported)).toEqual(['5 location']);
  });

  it('gives IPv4 and IPv6 of one port the one socket that the system has for them', () => {
    const imported = importNginx(
      'server { listen 80; listen [::]:80; location / { proxy_pass http://10.0.0.1:8080; } }',
    );
    expect(configOf(imported).listeners).toMatchObject([{ listen: { host: '::', port: 80 } }]);
  });

  it('hands settings down from where they stand to the pools and listeners that they concern', () => {
    const imported = importNginx(`http {
  proxy_read_timeout 90s;
  client_max_body_size 2m;
  server {
    listen 443 ssl; ssl_certificate s.pem; ssl_certificate_key s.key;
    location / { proxy_pass http://10.0.0.1:8080; proxy_connect_timeout 250ms; }
  }
}`);
    expect(configOf(imported)).toMatchObject({
      listeners: [
        {
          protocol: 'https',
          limits: { bodyBytes: 2_097_152 },
          tls: { certificates: [{ cert: 's.pem', key: 's.key' }] },
        },
      ],
      pools: [{ timeouts: { connect: 250, response: 90_000, idle: 90_000 } }],
    });
  });

  it('makes tcp and udp listeners of a stream', () => {
    const imported = importNginx(`stream {
  upstream db { hash $remote_addr consistent; server 10.0.0.9:3306; }
  server { listen 3306; proxy_pass db; proxy_timeout 1h; }
  server { listen 53 udp; proxy_pass 10.0.0.5:53; }
}`);
    expect(configOf(imported)).toMatchObject({
      listeners: [{ protocol: 'tcp', timeouts: { idle: 3_600_000 } }, { protocol: 'udp' }],
      pools: [{ endpoints: [{ url: 'tcp://10.0.0.9:3306' }] }, { endpoints: [{ url: 'udp://10.0.0.5:53' }] }],
    });
  });

  it('leaves out a route whose host it cannot write, instead of sending every host there', () => {
    const imported = importNginx(
      'server { server_name a.example; location / { proxy_pass http://10.0.0.1; } location "/a b" { proxy_pass http://10.0.0.2; } }',
    );
    expect(configOf(imported).listeners[0]?.routes).toEqual([{ match: { path: '/' }, pool: '10.0.0.1' }]);
    expect(imported.notes.map(({ reason }) => reason).join()).toContain('a path prefix that starts with "/"');
  });

  it('names every directive that it leaves out, by its line', () => {
    const imported = importNginx(`upstream shop {
  zone shop 64k;
  server 10.0.0.1;
  keepalive 8;
}
include conf.d/*.conf;
server {
  root /var/www;
  location / { proxy_pass http://shop; proxy_set_header X-Tenant a; frobnicate on; }
}`);
    expect(noted(imported)).toEqual([
      '2 zone',
      '4 keepalive',
      '6 include',
      '8 root',
      '9 proxy_set_header',
      '9 frobnicate',
    ]);
    configOf(imported);
  });

  it.each([
    ['upstream a {\n server b;\n', 1, 'expected "}" to close the block'],
    ['upstream a {\n server b\n}', 2, 'expected ";"'],
    ['a b;\n}', 2, 'closes nothing'],
    ['a "b', 1, 'expected the quote to end'],
    ['{', 1, 'expected a directive'],
    ['{ '.repeat(9), 1, 'expected a directive'],
    ['a { '.repeat(99), 1, 'expected at most 32 blocks'],
    ['', 1, 'expected an upstream'],
  ])('says where a text ends to be one: %j', (text, line, reason) => {
    expect(importNginx(text)).toMatchObject({
      kind: 'unreadable',
      notes: [{ line, reason: expect.stringContaining(reason) }],
    });
  });
});
