import { endpointId, poolName } from '@holdfast/shared';
import { Endpoint, type EndpointTraits } from '../pool/endpoint.ts';

/** The pool that test endpoints belong to. */
export const shop = poolName('shop');

/** An endpoint of the pool `shop`; its address is its name. */
export const testEndpoint = (id: string, weight = 1, traits: Partial<EndpointTraits> = {}): Endpoint =>
  new Endpoint({
    id: endpointId(shop, id),
    origin: `http://${id}.internal:8080`,
    weight,
    isBackup: false,
    connectionsMax: Number.POSITIVE_INFINITY,
    ...traits,
  });

/** The last part of an endpoint's id: what a test called it. */
export const shortId = (endpoint: Endpoint | undefined): string | undefined => endpoint?.id.split('/')[1];
