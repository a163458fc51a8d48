import type { ImportNote, WrittenAffinity } from '../draft.ts';
import type { CheckedManifest } from './checked-manifest.ts';
import type { StickyPolicySpec } from './gateway-schemas.ts';

/** What keeps the sessions of Services, by `namespace/name:port`; those of other ports are kept by nothing. */
export type StickyServices = ReadonlyMap<string, WrittenAffinity>;

/**
 * What SessionStickyPolicies say of each port of a Service: field by field what the port says, else what the policy says
 * for all of its ports, else the default. A port that is not listed is not sticky, and neither is one of which nobody
 * says anything.
 */
export function stickyServices(
  policies: readonly CheckedManifest<StickyPolicySpec>[],
): StickyServices | readonly ImportNote[] {
  const sticky = new Map<string, WrittenAffinity>();
  const owners = new Map<string, string>();
  const problems: ImportNote[] = [];
  for (const { name, namespace, spec, place } of policies) {
    const { targetRef, ports, config: common } = spec;
    for (const [index, { port, config }] of ports.entries()) {
      const service = `${targetRef.namespace ?? namespace}/${targetRef.name}:${port}`;
      const owner = owners.get(service);
      if (owner !== undefined) {
        const reason = `expected one policy for ${service}, found that ${owner} has it already`;
        problems.push({ ...place(['ports', index, 'port']), reason });
      }
      owners.set(service, name);
      if (config !== undefined || common !== undefined)
        sticky.set(service, { profile: 'fsm', ...common, ...config });
    }
  }
  return problems.length > 0 ? problems : sticky;
}
