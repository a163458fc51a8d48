import type { Draft, WrittenListener, WrittenRoute } from '../draft.ts';
import type { Manifest, ManifestPath } from '../manifests.ts';
import { sessionsOf } from './cce-affinity.ts';
import { CceAnnotations } from './cce-annotations.ts';
import { portsOf } from './cce-endpoints.ts';
import { addPool } from './cce-service.ts';

/** An Ingress: a listener, and a route for each host and path of its rules. */
export function importIngress(draft: Draft, ingress: Manifest, all: readonly Manifest[]): void {
  const annotations = new CceAnnotations(ingress, draft);
  const scheme = /^https$/i.test(annotations.text('pool-protocol') ?? '') ? 'https' : 'http';
  const sessions = sessionsOf(draft, annotations, true);
  const poolAt = (path: ManifestPath): string | undefined => {
    const service = serviceAt(draft, ingress, path, all);
    return service === undefined
      ? undefined
      : addPool(draft, service.manifest, service.port, all, { scheme, sessions }).name;
  };
  const routes = routesOf(draft, ingress, poolAt);
  const port = annotations.text('port') ?? (hasTls(ingress) ? '443' : '80');
  addRoutes(draft, ingress, `:${port}`, routes);
  annotations.noteUnread();
}

/** Ingresses of one port share its listener. */
function addRoutes(draft: Draft, ingress: Manifest, listen: string, routes: readonly WrittenRoute[]): void {
  const tls = tlsOf(draft, ingress);
  const shared = draft.listeners.find((listener) => listener.listen === listen);
  if (shared !== undefined) {
    shared.routes = [...(shared.routes ?? []), ...routes];
    if (shared.tls !== undefined) shared.tls.certificates.push(...(tls.tls?.certificates ?? []));
    return;
  }
  const place = ingress.place(['metadata', 'name'], `Ingress ${ingress.name}`);
  const name = draft.nameFor('listener', ingress.name);
  draft.addListener(place, { name, listen, ...tls, routes: [...routes] });
}

function routesOf(
  draft: Draft,
  ingress: Manifest,
  poolAt: (path: ManifestPath) => string | undefined,
): readonly WrittenRoute[] {
  const rules = ingress.keys(['spec', 'rules']).flatMap((rule) => {
    const host = ingress.text(['spec', 'rules', rule, 'host']);
    const paths: ManifestPath = ['spec', 'rules', rule, 'http', 'paths'];
    return ingress.keys(paths).flatMap((index) => {
      const pool = poolAt([...paths, index, 'backend']);
      const path = ingress.text([...paths, index, 'path']) ?? '/';
      const place = ingress.place([...paths, index], `path ${path}`);
      const type = ingress.text([...paths, index, 'pathType']);
      const mode = ingress.text([...paths, index, 'property', 'ingress.beta.kubernetes.io/url-match-mode']);
      if (type === 'Exact' || mode === 'EQUAL_TO')
        draft.note(place, `taken as the prefix ${path}, with all that is below it`);
      if (mode === 'REGEX') draft.note(place, 'left out: routes go by path prefix');
      if (pool === undefined || mode === 'REGEX') return [];
      const match = {
        ...(host !== undefined && host !== '' && { host }),
        ...(path !== '/' && path !== '' && { path }),
      };
      return draft.from(place, { ...(Object.keys(match).length > 0 && { match }), pool });
    });
  });
  const fallback =
    ingress.keys(['spec', 'defaultBackend']).length > 0 ? poolAt(['spec', 'defaultBackend']) : undefined;
  return fallback === undefined ? rules : [...rules, { pool: fallback }];
}

/** In the form of networking.k8s.io/v1, or in that of the versions before it. */
function serviceAt(draft: Draft, ingress: Manifest, path: ManifestPath, all: readonly Manifest[]) {
  const name = ingress.text([...path, 'service', 'name']) ?? ingress.text([...path, 'serviceName']);
  const wanted =
    ingress.text([...path, 'service', 'port', 'number']) ??
    ingress.text([...path, 'service', 'port', 'name']) ??
    ingress.text([...path, 'servicePort']);
  const manifest = all.find(
    (other) => other.kind === 'Service' && other.name === name && other.namespace === ingress.namespace,
  );
  const ports = manifest === undefined ? [] : portsOf(manifest);
  const port = ports.find((candidate) => String(candidate.port) === wanted || candidate.name === wanted);
  if (manifest !== undefined && port !== undefined) return { manifest, port };
  const missing =
    manifest === undefined ? `Service ${name} is not in the text` : `Service ${name} has no port ${wanted}`;
  draft.note(ingress.place(path, `backend ${name}`), `left out: ${missing}`);
  return undefined;
}

const hasTls = (ingress: Manifest): boolean => ingress.keys(['spec', 'tls']).length > 0;

/** A secret has no file: it is named after it, for whoever puts it there. */
function tlsOf(draft: Draft, ingress: Manifest): Partial<WrittenListener> {
  const certificates = ingress.keys(['spec', 'tls']).flatMap((index) => {
    const secret = ingress.text(['spec', 'tls', index, 'secretName']);
    if (secret === undefined) return [];
    const place = ingress.place(['spec', 'tls', index, 'secretName'], `secret ${secret}`);
    draft.note(place, `put its certificate and key into ${secret}.crt and ${secret}.key`);
    return draft.from(place, { cert: `${secret}.crt`, key: `${secret}.key` });
  });
  return certificates.length === 0 ? {} : { protocol: 'https', tls: { certificates } };
}
