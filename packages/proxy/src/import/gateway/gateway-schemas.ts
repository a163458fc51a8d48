import { stickyConfig } from '@holdfast/shared/profiles';
import { z } from 'zod';

/**
 * What is read of the objects that describe a gateway. What the schemas do not have is refused: a filter, or a match by
 * header, that was passed over would send requests where their author did not want them.
 */

const name = z.string().regex(/^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/, 'the name of an object');
const port = z.int().min(1).max(65_535);
const hostname = z
  .string()
  .regex(/^(?:\*\.)?[A-Za-z0-9.-]{1,253}$/, 'a host name, or *.name for all names below it');

const listener = z.strictObject({
  name: z.string().min(1),
  hostname: hostname.optional(),
  port,
  protocol: z.literal('HTTP'),
  allowedRoutes: z
    .strictObject({
      namespaces: z.strictObject({ from: z.enum(['Same', 'All']).default('Same') }).prefault({}),
      kinds: z
        .array(z.strictObject({ group: z.string().optional(), kind: z.literal('HTTPRoute') }))
        .optional(),
    })
    .prefault({}),
});

/** The `spec` of a Gateway, gateway.networking.k8s.io/v1. */
export const gatewaySpec = z.strictObject({
  gatewayClassName: z.string(),
  listeners: z.array(listener).min(1).max(64),
});

const pathMatch = z.strictObject({
  type: z.literal('PathPrefix').default('PathPrefix'),
  value: z
    .string()
    .regex(/^\/[^?#\s]*$/, 'a path prefix that starts with "/", without query')
    .default('/'),
});

const SERVICES = ['Service', 'ServiceImport'] as const;

const backendRef = z.strictObject({
  group: z.string().optional(),
  kind: z.enum(SERVICES).default('Service'),
  name,
  namespace: name.optional(),
  port,
  weight: z.int().min(1).optional(),
});

const rule = z.strictObject({
  name: z.string().optional(),
  matches: z
    .array(z.strictObject({ path: pathMatch.prefault({}) }))
    .min(1)
    .default([{ path: { type: 'PathPrefix', value: '/' } }]),
  backendRefs: z.array(backendRef).min(1).max(1),
});

const parentRef = z.strictObject({
  group: z.literal('gateway.networking.k8s.io').optional(),
  kind: z.literal('Gateway').optional(),
  name,
  namespace: name.optional(),
  sectionName: z.string().optional(),
  port: port.optional(),
});

/** The `spec` of an HTTPRoute, gateway.networking.k8s.io/v1. */
export const httpRouteSpec = z.strictObject({
  parentRefs: z.array(parentRef).min(1),
  hostnames: z.array(hostname).min(1).optional(),
  rules: z.array(rule).min(1),
});

const stickyPort = z.strictObject({ port, config: stickyConfig.optional() });

/** The `spec` of a SessionStickyPolicy, gateway.flomesh.io/v1alpha1. */
export const stickyPolicySpec = z.strictObject({
  targetRef: z.strictObject({
    group: z.string(),
    kind: z.enum(SERVICES),
    name,
    namespace: name.optional(),
  }),
  ports: z
    .array(stickyPort)
    .min(1)
    .max(16)
    .superRefine((ports, context) => {
      for (const [index, { port: number }] of ports.entries()) {
        if (ports.findIndex((other) => other.port === number) === index) continue;
        const message = 'a port that is not listed before';
        context.addIssue({ code: 'custom', path: [index, 'port'], message });
      }
    }),
  config: stickyConfig.optional(),
});

export type GatewaySpec = z.output<typeof gatewaySpec>;
export type HttpRouteSpec = z.output<typeof httpRouteSpec>;
export type StickyPolicySpec = z.output<typeof stickyPolicySpec>;
