/**
 * The names of things. Each is a string with a brand, so that the compiler keeps a session key from
 * being passed where an endpoint id is expected. The brand exists only in types.
 */
declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** The name of a cluster: all nodes that share one session map. */
export type ClusterName = Branded<'ClusterName'>;
/** One proxy process group of a cluster. */
export type NodeId = Branded<'NodeId'>;
/** A named set of interchangeable endpoints. */
export type PoolName = Branded<'PoolName'>;
/**
 * An endpoint, unique in the cluster: `<pool>/<id>`. It is a name and never an address: what is read
 * from the store or a cookie is looked up in the configuration, so neither can make a node connect
 * anywhere else.
 */
export type EndpointId = Branded<'EndpointId'>;
/** What stands between the id of an endpoint and its incarnation in a pin. No id has it. */
const INCARNATION_MARK = '#';

/**
 * What a pin says of its endpoint where it is known which process serves there: `<pool>/<id>#<incarnation>`. A successor
 * under the same id has another one, so that the pins of its predecessor do not name it.
 *
 * @param incarnation of characters that an id may have
 */
export const incarnatedId = (id: EndpointId, incarnation: string): EndpointId =>
  `${id}${INCARNATION_MARK}${incarnation}` as EndpointId;

/** The endpoint that a pin names, whichever process served there. */
export function endpointOfPin(id: EndpointId): EndpointId {
  const mark = id.indexOf(INCARNATION_MARK);
  return mark < 0 ? id : (id.slice(0, mark) as EndpointId);
}

const ENDPOINT_ID = /^[\w.-]{1,63}\/[\w.:[\]-]{1,128}$/;

/** Whether a string read from outside has the shape of an endpoint's id, as the configuration allows them. */
export const isEndpointId = (value: string): value is EndpointId => ENDPOINT_ID.test(value);

/**
 * What the session map is keyed by: 128 bits as 22 characters of base64url, derived one-way from the
 * raw session id, which never reaches the store, a log line or a header.
 */
export type SessionKey = Branded<'SessionKey'>;

export const clusterName = (name: string): ClusterName => name as ClusterName;
export const nodeId = (id: string): NodeId => id as NodeId;
export const poolName = (name: string): PoolName => name as PoolName;
export const endpointId = (pool: PoolName, id: string): EndpointId => `${pool}/${id}` as EndpointId;
/** The name of the pool that an endpoint is in, by the endpoint's id. */
export const poolOfEndpoint = (id: string): string => id.slice(0, id.indexOf('/'));
export const sessionKey = (key: string): SessionKey => key as SessionKey;

const SESSION_KEY_LENGTH = 22;
const BASE64URL = /^[A-Za-z0-9_-]*$/;

/** Whether a string read from outside has the shape of a session key. */
export const isSessionKey = (value: string): value is SessionKey =>
  value.length === SESSION_KEY_LENGTH && BASE64URL.test(value);
