import { z } from 'zod';

const endpoint = z.object({
  id: z.string(),
  agreement: z.string().optional(),
  heldDownBy: z.array(z.string()).default([]),
  healthCheck: z.string().optional(),
  outlier: z.string().optional(),
});

const member = z.object({
  node: z.string(),
  state: z.string(),
  phase: z.string(),
  release: z.string(),
  startedAt: z.string(),
  fingerprint: z.string(),
  silentMs: z.number(),
  holdsDown: z.array(z.string()),
});
export type ReportedMember = z.output<typeof member>;

/**
 * What the console shows of a node's report. Everything may be missing: a supervisor has nothing to tell before its first worker
 * serves, and a worker of another release may leave something out.
 */
const nodeReport = z.object({
  cluster: z.string().optional(),
  node: z.string().optional(),
  phase: z.string().optional(),
  uptimeSeconds: z.number().optional(),
  configuration: z
    .object({
      hash: z.string().optional(),
      fingerprint: z.string().optional(),
      loadedAt: z.string(),
      lastReload: z
        .object({ outcome: z.string(), at: z.string(), problems: z.array(z.string()).default([]) })
        .optional(),
    })
    .optional(),
  store: z
    .object({
      kind: z.string(),
      state: z.string(),
      mode: z.string(),
      invalidationsLive: z.boolean(),
      writeBacks: z.record(z.string(), z.number()).default({}),
    })
    .optional(),
  isCutOff: z.boolean().default(false),
  members: z.array(member).default([]),
  warnings: z.array(z.string()).default([]),
  listeners: z.array(z.object({ name: z.string(), openConnections: z.number() })).default([]),
  workers: z
    .array(
      z.object({
        worker: z.number(),
        pid: z.number().optional(),
        phase: z.string().optional(),
        startedAt: z.string(),
        openConnections: z.number().optional(),
        requests: z.number().optional(),
      }),
    )
    .default([]),
  pools: z
    .array(z.object({ name: z.string().optional(), endpoints: z.array(endpoint).default([]) }))
    .default([]),
});
export type NodeReport = z.output<typeof nodeReport>;

const NOTHING = nodeReport.parse({});

/** Reads a report, which may come from workers; one that cannot be read says nothing. */
export const readReport = (given: unknown): NodeReport => nodeReport.safeParse(given).data ?? NOTHING;
