import { isIP } from 'node:net';
import { z } from 'zod';

const key = z.string();
const endpoint = z.string();
/** The state that the asker has seen, where it must still be that one. */
const tag = z.string().optional();
const version = z.int().min(1).optional();
export const ipAddress = z
  .string()
  .refine((text) => isIP(text) > 0 && !text.includes('%'), 'expected an IP address, without a zone');

/**
 * What only a process that has the session map and the pools can answer. In a node of several processes it travels to one of
 * the workers, which may be of another release: what a worker does not understand, it refuses.
 */
export const question = z.discriminatedUnion('kind', [
  /** Which endpoints drain, and how many living pins each endpoint has. */
  z.object({ kind: z.literal('occupancy') }),
  /** The same without the pins: what is quick to tell. */
  z.object({ kind: z.literal('list-drains') }),
  /** Begin to drain, or drain by another deadline. */
  z.object({ kind: z.literal('drain'), endpoint, withinMs: z.number().optional(), tag }),
  z.object({ kind: z.literal('undrain'), endpoint, tag }),
  /** `endpoint` is as in a configuration file, in the words of the release that is asked. */
  z.object({
    kind: z.literal('add-endpoint'),
    pool: z.string(),
    id: z.string(),
    endpoint: z.record(z.string(), z.unknown()),
  }),
  z.object({ kind: z.literal('remove-endpoint'), pool: z.string(), id: z.string() }),
  z.object({
    kind: z.literal('list-sessions'),
    endpoint: endpoint.optional(),
    cursor: z.string().optional(),
    limit: z.int().min(1).max(1_000),
  }),
  z.object({ kind: z.literal('get-session'), key }),
  z.object({ kind: z.literal('move-session'), key, to: endpoint.optional(), version }),
  z.object({ kind: z.literal('unpin-session'), key, version }),
  /** Begin to rebalance a pool, or tell what that would move; what is not named is as the configuration says. */
  z.object({
    kind: z.literal('rebalance'),
    pool: z.string(),
    rate: z.number().optional(),
    idleForMs: z.number().optional(),
    tolerance: z.number().optional(),
    isDryRun: z.boolean(),
  }),
  z.object({ kind: z.literal('get-rebalance'), pool: z.string() }),
  z.object({ kind: z.literal('stop-rebalance'), pool: z.string() }),
  /** What has been counted so far, and how is it now? */
  z.object({ kind: z.literal('metrics') }),
  /** What has happened since? */
  z.object({ kind: z.literal('events'), after: z.string().optional() }),
  /** What has passed through since? Each process knows of its own alone: all of them are asked. */
  z.object({ kind: z.literal('traffic'), after: z.string().optional() }),
  /** Where would this request go? */
  z.object({
    kind: z.literal('explain'),
    listener: z.string().optional(),
    method: z.string(),
    target: z.string(),
    headers: z.array(z.tuple([z.string(), z.string()])),
    clientAddress: ipAddress,
  }),
  /** Where would the next request of this session go? */
  z.object({ kind: z.literal('explain-session'), key }),
]);

export type Question = z.output<typeof question>;
export type QuestionOf<Kind extends Question['kind']> = Extract<Question, { kind: Kind }>;
