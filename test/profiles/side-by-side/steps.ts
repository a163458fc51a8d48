import type { ClientRequest } from '../../support/http-client.ts';
import type { Cast, Identity, Seen } from './cast.ts';
import { type LabelOf, type Observation, observed } from './observation.ts';

/** One thing that clients do. */
export interface Step {
  /** No two of one phase have the same. */
  readonly title: string;
  run(cast: Cast, labelOf: LabelOf): Promise<Observation>;
}

/** One more request of a client, or the first one. Its place is compared with where it was the time before. */
export const visit = (title: string, name: string, wanted?: ClientRequest): Step => ({
  title,
  run: async (cast, labelOf) => {
    const seen = await cast.ask(name, wanted);
    return { ...observed(seen, labelOf), place: relative(seen) };
  },
});

/** New clients until one of them is at that endpoint after so many visits. */
export const settle = (name: string, place: string, visits = 1): Step => ({
  title: `${name} settles at ${place}`,
  run: async (cast, labelOf) => observed(await cast.settle(name, place, { visits }), labelOf),
});

/** Clients that nobody knows, with this `Cookie` field, one after the other: does it determine their place? */
export const bring = (cookie: string, wanted: ClientRequest = {}): Step => ({
  title: `bringing ${cookie}`,
  run: async (cast, labelOf) => {
    const request = { ...wanted, headers: { ...wanted.headers, cookie } };
    const first = await cast.stranger(request);
    let last = first;
    for (let count = 1; count < TRIES && last.place === first.place; count++)
      last = await cast.stranger(request);
    const place = last.place === first.place ? (last.place ?? 'nowhere') : 'anywhere';
    return { ...observed(last, labelOf, cookie), place };
  },
});

/** Even of an original that chooses among three endpoints at random, so many come to one only if that is determined. */
const TRIES = 12;

/** Many clients, one request of each: do they all come to one place? */
export const crowd = (title: string, identityOf?: (number: number) => Identity): Step => ({
  title,
  run: async (cast) => {
    const { size } = await placesOf(cast, identityOf);
    return { place: size === 1 ? 'all at one endpoint' : 'at several endpoints' };
  },
});

/** Many clients whom nothing tells apart: which endpoints take their turn? */
export const turns = (title: string): Step => ({
  title,
  run: async (cast) => ({ place: [...(await placesOf(cast))].toSorted().join(', ') }),
});

async function placesOf(
  cast: Cast,
  identityOf?: (number: number) => Identity,
): Promise<ReadonlySet<string | undefined>> {
  const places = new Set<string | undefined>();
  for (let number = 1; number <= CROWD; number++)
    places.add((await cast.stranger({}, identityOf?.(number))).place);
  return places;
}

/** Many clients to whom the application gives a session: does each find it where it began? */
export const logins = (title: string, login: (number: number) => ClientRequest): Step => ({
  title,
  run: async (cast) => {
    let stayed = 0;
    for (let number = 1; number <= CROWD; number++) {
      const name = `${title} ${number}`;
      await cast.ask(name, login(number));
      const { place, before } = await cast.ask(name, { path: '/echo' });
      if (place === before) stayed += 1;
    }
    return { place: stayed === CROWD ? 'where the session began' : 'often elsewhere' };
  },
});

const CROWD = 24;

/** A response of the application with these headers. */
export const answering = (...headers: readonly string[]): ClientRequest => ({
  path: `/respond?${headers.map((header) => `header=${encodeURIComponent(header)}`).join('&')}`,
});

function relative({ place, before }: Seen): string {
  if (place === undefined) return 'nowhere';
  if (before === undefined) return 'anywhere';
  return place === before ? 'same' : 'another';
}
