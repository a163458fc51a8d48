import type { z } from 'zod';
import { Draft, type ImportNote } from '../draft.ts';
import { importedFrom, TEXT_LENGTH_MAX } from '../imported.ts';
import { type Manifest, readManifests } from '../manifests.ts';
import { type CheckedManifest, checkManifest } from './checked-manifest.ts';
import { addGateways } from './gateway-routes.ts';
import { gatewaySpec, httpRouteSpec, stickyPolicySpec } from './gateway-schemas.ts';
import { commonNamespace, readServiceEndpoints, type ServiceEndpoints } from './service-endpoints.ts';
import { stickyServices } from './sticky-policies.ts';

/** The two texts that describe a gateway: its Kubernetes objects, and where the endpoints of its Services are. */
export interface GatewayTexts {
  readonly manifests: string;
  readonly services: string;
}

/** Something to say about a place in one of the texts. */
export interface GatewayNote extends Required<ImportNote> {
  readonly about: keyof GatewayTexts;
}

/** A gateway as a configuration of Holdfast, or everything that keeps it from being one. */
export type TranslatedGateway =
  | { readonly kind: 'translated'; readonly yaml: string; readonly notes: readonly GatewayNote[] }
  | { readonly kind: 'refused'; readonly problems: readonly GatewayNote[] };

/**
 * Turns Gateways, HTTPRoutes and SessionStickyPolicies into listeners, routes and pools. It is all or nothing: a gateway
 * that was translated in part would serve what its author has not described. Never throws, whatever the texts.
 */
export function translateGateway(texts: GatewayTexts): TranslatedGateway {
  if (Math.max(texts.manifests.length, texts.services.length) > TEXT_LENGTH_MAX)
    return refused('manifests', [{ line: 1, name: 'file', reason: 'expected at most 512 KiB of text' }]);
  const endpoints = readServiceEndpoints(texts.services);
  if (isProblems(endpoints)) return refused('services', endpoints);
  const read = readManifests(texts.manifests);
  if (read.kind === 'unreadable') return refused('manifests', [read]);
  return translateManifests(read.manifests, endpoints);
}

function translateManifests(manifests: readonly Manifest[], endpoints: ServiceEndpoints): TranslatedGateway {
  const problems: ImportNote[] = [];
  const namespace = commonNamespace(endpoints);
  const allOf = <Schema extends z.ZodType>(kind: string, group: string, schema: Schema) =>
    manifests
      .filter((manifest) => manifest.kind === kind && groupOf(manifest) === group)
      .flatMap((manifest): CheckedManifest<z.output<Schema>>[] => {
        const checked = checkManifest(manifest, schema, namespace);
        if (!isProblems(checked)) return [checked];
        problems.push(...checked);
        return [];
      });
  const gateways = allOf('Gateway', GATEWAY_GROUP, gatewaySpec);
  const routes = allOf('HTTPRoute', GATEWAY_GROUP, httpRouteSpec);
  const sticky = stickyServices(allOf('SessionStickyPolicy', FLOMESH_GROUP, stickyPolicySpec));
  problems.push(...manifests.flatMap(foreign), ...(isProblems(sticky) ? sticky : []));
  if (problems.length > 0 || isProblems(sticky)) return refused('manifests', problems);
  const draft = new Draft(false);
  const unroutable = addGateways(draft, gateways, routes, { endpoints, sticky });
  if (unroutable.length > 0) return refused('manifests', unroutable);
  if (draft.pools.length === 0) return refused('manifests', [NOTHING]);
  return finished(draft, endpoints);
}

function finished(draft: Draft, endpoints: ServiceEndpoints): TranslatedGateway {
  const imported = importedFrom(draft, NOTHING.reason);
  if (imported.kind === 'unreadable') return refused('manifests', imported.notes);
  const unused = [...endpoints].flatMap(([service, { place }]) =>
    draft.poolOf(service) === undefined ? [{ ...place, reason: 'no route leads to this Service' }] : [],
  );
  const notes = [...about('manifests', imported.notes), ...about('services', unused)];
  return { kind: 'translated', yaml: imported.yaml, notes };
}

const GATEWAY_GROUP = 'gateway.networking.k8s.io';
const FLOMESH_GROUP = 'gateway.flomesh.io';

const groupOf = (manifest: Manifest): string => (manifest.text(['apiVersion']) ?? '').replace(/\/[^/]*$/, '');

const READ: Readonly<Record<string, readonly string[]>> = {
  [GATEWAY_GROUP]: ['GatewayClass', 'Gateway', 'HTTPRoute', 'ReferenceGrant'],
  [FLOMESH_GROUP]: ['SessionStickyPolicy'],
};

/** Of the groups that describe gateways, what would change what is served. Services, pods and the like describe none. */
function foreign(manifest: Manifest): readonly ImportNote[] {
  const kinds = READ[groupOf(manifest)];
  if (kinds === undefined || kinds.includes(manifest.kind)) return [];
  const reason = `expected one of ${kinds.join(', ')}, found ${manifest.kind}, which Holdfast does not carry out`;
  return [{ ...manifest.place(['kind'], `${manifest.kind} ${manifest.name}`), reason }];
}

const NOTHING: ImportNote = {
  line: 1,
  name: 'file',
  reason: 'expected a Gateway and an HTTPRoute that leads from it to a Service, found none',
};

const isProblems = (value: object): value is readonly ImportNote[] => Array.isArray(value);

const about = (text: keyof GatewayTexts, notes: readonly ImportNote[]): readonly GatewayNote[] =>
  notes.map(({ line, column = 1, name, reason }) => ({ about: text, line, column, name, reason }));

const refused = (text: keyof GatewayTexts, problems: readonly ImportNote[]): TranslatedGateway => ({
  kind: 'refused',
  problems: about(text, problems).toSorted((a, b) => a.line - b.line),
});
