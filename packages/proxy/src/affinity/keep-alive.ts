/** Looks at whether a quarter of the idle timeout is over, after which a pin may be touched again, are to be in time. */
export const LOOKS_PER_TIMEOUT = 8;

/**
 * How often whatever stays open for long, a connection or a request, is to have its session kept alive.
 *
 * @param idleTimeout how long a session lives without being touched; 0 where there are none
 */
export const keepAliveEveryMs = ({ idleTimeout }: { readonly idleTimeout: number }): number =>
  idleTimeout === 0 ? Number.POSITIVE_INFINITY : idleTimeout / LOOKS_PER_TIMEOUT;
