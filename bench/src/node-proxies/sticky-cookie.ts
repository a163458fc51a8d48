import { readFileSync } from 'node:fs';
import type { SecureContextOptions } from 'node:tls';
import { STICKY_COOKIE } from '../contenders/contender.ts';
import type { Certificate } from '../machine/certificate.ts';

/** What the program was started with: one JSON argument. */
export interface NodeProxySettings {
  readonly port: number;
  readonly accessLog: boolean;
  /** Without it clients speak no TLS. */
  readonly certificate?: Certificate;
  /** Origins of the endpoints. */
  readonly endpoints: readonly string[];
}

export const readSettings = (): NodeProxySettings => JSON.parse(process.argv[2]!) as NodeProxySettings;

/** What node:tls is told of a certificate. */
export const tlsOptions = ({ cert, key }: Certificate): SecureContextOptions => ({
  cert: readFileSync(cert),
  key: readFileSync(key),
  minVersion: 'TLSv1.3',
});

/** Where a request goes, and the Set-Cookie that keeps the session there, if it does not have one yet. */
export interface Choice {
  readonly endpoint: string;
  readonly setCookie?: string;
}

const PLACE = new RegExp(`(?:^|; )${STICKY_COOKIE}=(\\d)(?:;|$)`);

/**
 * The cheapest stickiness that one would add to a Node proxy library by hand, as these have none: the cookie is
 * the number of the endpoint. Answers for one process; new sessions go round-robin.
 */
export function stickyCookie(endpoints: readonly string[]): (cookieHeader: string | undefined) => Choice {
  let next = 0;
  return (cookieHeader) => {
    const kept = endpoints[Number(PLACE.exec(cookieHeader ?? '')?.[1])];
    if (kept !== undefined) return { endpoint: kept };
    next = (next + 1) % endpoints.length;
    return {
      endpoint: endpoints[next]!,
      setCookie: `${STICKY_COOKIE}=${next}; Path=/; HttpOnly; SameSite=Lax`,
    };
  };
}
