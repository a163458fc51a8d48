import type { ClientRequest } from '../../support/http-client.ts';
import type { Identity } from './cast.ts';
import { answering } from './steps.ts';

/** A network of its own for each client: the first three octets tell them apart, and so does all of the address. */
export const byAddress = (number: number): Identity => ({ address: `127.0.${number}.1` });

/** Neighbours in one network of 24 bits. */
export const byNeighbour = (number: number): Identity => ({ address: `127.0.200.${number}` });

const sessionOf = (number: number): string => `session-${number}`;

/** Every answer of the application gives the client its session once more. */
export const byIssuedCookie = (number: number): Identity => ({
  request: answering(`Set-Cookie: sid=${sessionOf(number)}; Path=/`),
});

export const login = (number: number): ClientRequest => answering(`Set-Cookie: sid=login-${number}; Path=/`);

export const byQuery = (number: number): Identity => ({ request: { path: `/echo?id=${sessionOf(number)}` } });

export const byHeader = (number: number): Identity => ({
  request: { headers: { 'x-session': sessionOf(number) } },
});

/** Clients who all bring the same. */
export const withCookie = (cookie: string) => (): Identity => ({ request: { headers: { cookie } } });

/** A client that does not say who it is. */
export const nobody = (): Identity => ({});
