/** What some files must not import, and why. */
export interface ImportRule {
  readonly name: string;
  /** For the reader of a failed test: what the rule protects, and what to do instead. */
  readonly why: string;
  readonly files: RegExp;
  /** Files that the rule is not about, each with its own reason in `why`. */
  readonly except?: RegExp;
  /** Matched against the specifier, or against the path of the imported file. */
  readonly forbidden: RegExp;
}

const IO =
  /^(?:hono|@hono|node:(?:http|https|http2|net|tls|dgram|fs|child_process)|ioredis|undici|@opentelemetry)/;

export const IMPORT_RULES: readonly ImportRule[] = [
  {
    name: 'shared imports no other package of ours',
    why: 'shared is the vocabulary of all: what it imports, everybody imports',
    files: /^packages\/shared\//,
    forbidden: /^@holdfast\/|^packages\/(?!shared\/)/,
  },
  {
    name: 'shared does no I/O',
    why: 'shared is pure: files, sockets and clients belong to the edges, which hand values in',
    files: /^packages\/shared\//,
    forbidden: IO,
  },
  {
    name: 'store imports only shared',
    why: 'the session map must be usable without the proxy: shared <- store <- proxy',
    files: /^packages\/store\//,
    forbidden: /^@holdfast\/(?!shared(?:$|\/))|^packages\/(?!store\/)/,
  },
  {
    name: 'packages reach each other by name',
    why: 'a path into another package goes past its exports, which are its promise',
    files: /^packages\/proxy\//,
    forbidden: /^packages\/(?!proxy\/)/,
  },
  {
    name: 'the domain of the proxy does no I/O',
    why: 'affinity, balance, pool and health decide over values; sockets, servers and clients call them, never the other way round',
    files: /^packages\/proxy\/src\/(?:affinity|balance|pool|health)\//,
    forbidden: IO,
  },
  {
    name: 'the codec and the exchange seam do no I/O',
    why: 'they turn bytes into heads and back, for any server; only wire, listener and upstream hold sockets',
    files: /^packages\/proxy\/src\/(?:codec|exchange)\//,
    forbidden: IO,
  },
  {
    name: 'routes know Hono and nothing else of the outside',
    why: 'routes compile to a Hono app; what accepts requests and what forwards them is chosen in compose.ts',
    files: /^packages\/proxy\/src\/route\//,
    forbidden: /^(?:@hono|node:(?:http|https|http2|net|tls)|ioredis|undici|@opentelemetry)/,
  },
  {
    name: 'forwarding sees no server and no client library',
    why: 'forward works on an Exchange and an Upstream; node:net there is only for reading addresses (trusted-proxies.ts)',
    files: /^packages\/proxy\/src\/forward\//,
    except: /\/forward\/trusted-proxies\.ts$/,
    forbidden: IO,
  },
  {
    name: 'the domain does not look outwards',
    why: 'decisions must not depend on how requests arrive or leave: hand the value in instead',
    files: /^packages\/proxy\/src\/(?:affinity|balance|pool|health)\//,
    forbidden:
      /^packages\/proxy\/src\/(?:admin|cli|demo|exchange|forward|listener|node|probe|record|route|upstream|wire)\//,
  },
  {
    name: 'only the composition root chooses a store adapter',
    why: 'everything else works with the ports of @holdfast/store, so that any adapter serves',
    files: /^packages\/proxy\/src\//,
    except: /^packages\/proxy\/src\/(?:compose\.ts|node\/)/,
    forbidden: /^@holdfast\/store\/(?:memory|sqlite|redis)$/,
  },
  {
    name: 'only the composition root chooses a server',
    why: 'wire and listener are adapters of the exchange seam, tcp and udp the listeners beside them; a part that imports one works with no other',
    files: /^packages\/proxy\/src\/(?!wire\/|listener\/|tcp\/|udp\/)/,
    except: /^packages\/proxy\/src\/(?:compose\.ts|node\/|index\.ts)/,
    forbidden: /^packages\/proxy\/src\/(?:wire\/|tcp\/|udp\/|listener\/(?!listener\.ts))/,
  },
  {
    name: 'layer 4 knows no HTTP',
    why: 'a connection or a datagram is carried as it is: what must be read of a request belongs to http listeners',
    files: /^packages\/proxy\/src\/(?:layer4|tcp|udp)\//,
    forbidden: /^packages\/proxy\/src\/(?:codec|forward|http2|route)\/|^(?:hono|@hono|undici|node:https?2?$)/,
  },
  {
    name: 'one file imports ioredis',
    why: 'its defaults lose invalidations and hang commands; packages/store/src/redis/connections.ts is where they are put right',
    files: /^packages\//,
    except: /^packages\/store\/src\/redis\/connections\.ts$/,
    forbidden: /^ioredis/,
  },
  {
    name: 'one file imports the Kubernetes client',
    why: 'it is optional and large: packages/proxy/src/discovery/kubernetes/open-slice-api.ts loads it for those who have it',
    files: /^packages\//,
    except: /^packages\/proxy\/src\/discovery\/kubernetes\/open-slice-api\.ts$/,
    forbidden: /^@kubernetes\//,
  },
  {
    name: 'only what pushes imports OpenTelemetry',
    why: 'its packages are loaded where there is a collector, by dynamic import of the exporters of metrics and traces; everything else works with values of ours',
    files: /^packages\//,
    except:
      /^packages\/proxy\/src\/(?:telemetry\/otlp-(?:metric-exporter|transport)|tracing\/otlp-span-exporter)\.ts$/,
    forbidden: /^@opentelemetry\//,
  },
  {
    name: 'the program imports neither tests, benches nor infrastructure',
    why: 'they may know the program, which must not know them; infra is imported by nobody',
    files: /^packages\//,
    forbidden: /^(?:test|bench|infra|scripts)\/|^(?:vitest|fast-check)|\/testing(?:\/|$)/,
  },
];
