import { z } from 'zod';
import { file } from './fields.ts';

const certificate = z.strictObject({
  cert: file.describe('PEM file of the certificate, with those between it and its root.'),
  key: file.describe('PEM file of its private key, without a passphrase.'),
  hosts: z
    .array(
      z
        .string()
        .regex(/^(?:\*\.)?[A-Za-z0-9.-]{1,253}$/, 'a host name, or *.name for the names one level below it'),
    )
    .min(1)
    .optional()
    .describe('The names that clients ask for to get it. Default: those that it is made out to.'),
});

/** How a listener proves to clients who it is. */
export const listenerTls = z.strictObject({
  certificates: z
    .array(certificate)
    .min(1)
    .describe(
      'Chosen by the name that the client asks for; the first for all others. Read again when a file changes.',
    ),
  minVersion: z
    .enum(['TLSv1.2', 'TLSv1.3'])
    .default('TLSv1.2')
    .describe('The oldest version that is spoken.'),
});

/** One certificate of a listener, by its files. */
export type CertificateConfig = z.output<typeof certificate>;

export type ListenerTlsConfig = z.output<typeof listenerTls>;

/** How endpoints prove to this node who they are, and this node to them. Its files are read at start. */
export const endpointTls = z.strictObject({
  ca: file.optional().describe('PEM file of the authorities to trust, in place of those that Node trusts.'),
  serverName: z
    .string()
    .regex(/^[A-Za-z0-9.-]{1,253}$/, 'a host name')
    .optional()
    .describe('The name that endpoints are asked for and must prove. Default: the host of their URL.'),
  verify: z
    .boolean()
    .default(true)
    .describe('Whether an endpoint that cannot prove its name is refused. false protects from no attacker.'),
  cert: file.optional().describe('PEM file of the certificate that this node shows. Needs key.'),
  key: file.optional().describe('PEM file of its private key, without a passphrase.'),
});

export type EndpointTlsConfig = z.output<typeof endpointTls>;

/** How Redis proves to this node who it is, and this node to it. Its files are read at start. */
export const storeTls = endpointTls.extend({
  serverName: endpointTls.shape.serverName.describe(
    'The name that Redis and its Sentinels must prove. Default: the host that is connected to.',
  ),
  verify: endpointTls.shape.verify.describe(
    'Whether a Redis that cannot prove its name is refused. false protects from no attacker.',
  ),
});
