import { Draft } from '../draft.ts';
import { type Imported, importedFrom, TEXT_LENGTH_MAX, TOO_LONG, unreadable } from '../imported.ts';
import { readManifests } from '../manifests.ts';
import { CceAnnotations } from './cce-annotations.ts';
import { importIngress } from './cce-ingress.ts';
import { addListeners, isServed } from './cce-service.ts';

/** Objects that are looked at where a Service or an Ingress leads to them. */
const LOOKED_UP = /^(?:Service|Ingress|Endpoints|EndpointSlice|StatefulSet|List)$/;

/**
 * Turns Services and Ingresses of Huawei Cloud CCE, with their annotations for ELB, into Holdfast's configuration. Never
 * throws, whatever the text.
 */
export function importCce(text: string): Imported {
  if (text.length > TEXT_LENGTH_MAX) return TOO_LONG;
  const read = readManifests(text);
  if (read.kind === 'unreadable') return unreadable(read.line, read.name, read.reason);
  const draft = new Draft();
  const { manifests } = read;
  for (const ingress of manifests.filter(({ kind }) => kind === 'Ingress')) {
    importIngress(draft, ingress, manifests);
  }
  for (const service of manifests.filter(({ kind }) => kind === 'Service')) {
    if (!isServed(draft, service)) addListeners(draft, service, manifests);
    new CceAnnotations(service, draft).noteUnread();
  }
  for (const other of manifests) {
    if (LOOKED_UP.test(other.kind)) continue;
    draft.note(
      other.place([], other.kind || 'object'),
      'not needed: only Services and Ingresses say who sticks where',
    );
  }
  return importedFrom(
    draft,
    'expected a Service with a port, or an Ingress with the Services it names, found none',
  );
}
