import { createHmac } from 'node:crypto';
import type { Config } from '@holdfast/shared/config';

/** Enough that two configurations do not have one by chance, and short enough for people. */
const LENGTH = 16;

/**
 * A digest of what the nodes of a cluster must have alike for sessions to mean the same on all of them: pools and secrets.
 * Listeners, names and addresses of nodes are their own. It is made under the newest secret, so that whoever reads it
 * in the store learns nothing, and is another one where the secrets are.
 */
export const fingerprintOf = ({ cluster, pools, secrets }: Config): string =>
  createHmac('sha256', secrets[0] ?? '')
    .update(JSON.stringify([cluster.name, secrets, pools]))
    .digest('hex')
    .slice(0, LENGTH);
