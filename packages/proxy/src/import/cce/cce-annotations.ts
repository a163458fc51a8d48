import type { Draft, Place } from '../draft.ts';
import type { Manifest } from '../manifests.ts';

const PREFIX = 'kubernetes.io/elb.';

/** The annotations for ELB of an object. */
export class CceAnnotations {
  readonly #manifest: Manifest;
  readonly #draft: Draft;

  constructor(manifest: Manifest, draft: Draft) {
    this.#manifest = manifest;
    this.#draft = draft;
  }

  text(name: string): string | undefined {
    return this.#manifest.text(['metadata', 'annotations', PREFIX + name]);
  }

  /** The fields of an annotation that is written as JSON, each as text. */
  fields(name: string): ReadonlyMap<string, string> {
    const text = this.text(name);
    if (text === undefined || text === '') return new Map();
    try {
      const value: unknown = JSON.parse(text);
      // Health checks of single ports are a list; the first stands for all.
      const first: unknown = Array.isArray(value) ? value[0] : value;
      if (typeof first === 'object' && first !== null) {
        return new Map(Object.entries(first).map(([key, field]) => [key, String(field)]));
      }
    } catch {
      // What is no JSON is said below, like JSON that is no object.
    }
    this.note(name, 'expected a JSON object');
    return new Map();
  }

  place(name: string): Place {
    return this.#manifest.place(['metadata', 'annotations', PREFIX + name], PREFIX + name);
  }

  note(name: string, reason: string): void {
    this.#draft.note(this.place(name), reason);
  }

  /** Reports those that have no meaning here. */
  noteUnread(): void {
    for (const key of this.#manifest.keys(['metadata', 'annotations'])) {
      const name = String(key);
      if (!/kubernetes\.io\/elb\.|^(?:nginx\.)?ingress\./.test(name) || READ.has(name.slice(PREFIX.length)))
        continue;
      const place = this.#manifest.place(['metadata', 'annotations', name], name);
      this.#draft.note(place, HINTS.find(([pattern]) => pattern.test(name))?.[1] ?? 'no equivalent');
    }
  }
}

const READ: ReadonlySet<string> = new Set([
  'lb-algorithm',
  'session-affinity-mode',
  'session-affinity-option',
  'session-affinity-flag',
  'protocol-port',
  'pool-protocol',
  'port',
  'health-check-flag',
  'health-check-option',
  'health-check-options',
]);

const HINTS: readonly (readonly [name: RegExp, hint: string])[] = [
  [
    /elb\.(?:id|class|autocreate|mark|subnet-id|enterpriseID|ip|eip-|tags|x-forwarded-|pass-through|instance-transfer)/,
    'not needed: it is about the load balancer that Holdfast takes the place of',
  ],
  [/elb\.(?:cert-id|tls-)/, 'name the files of the certificate in tls.certificates, and set protocol: https'],
  [
    /elb\.(?:http-redirect|redirect|rewrite|canary|cors|acl-|access-control)/,
    'not a matter of stickiness: a middleware can do it (docs/guides/middleware.md)',
  ],
  [/elb\.http2-enable/, 'HTTP/2 is spoken by https listeners with "server: node" (docs/guides/http2.md)'],
];
