import type { ClientRequest, ClientResponse, Sender } from './http-client.ts';

/** What one request of a visitor came to. */
export interface Visit {
  readonly response: ClientResponse;
  readonly status: number;
  /** The endpoint that answered, by its own word. */
  readonly servedBy: string | undefined;
  /** The node that forwarded. */
  readonly node: string | undefined;
  /** `hit`, `created`, `repinned` and so on. */
  readonly outcome: string | undefined;
  /** The version of the session's pin, as the node saw it. */
  readonly version: number | undefined;
  /** What the endpoint was told of a move of the session. */
  readonly moved: string | undefined;
  readonly setsCookie: boolean;
}

/** Somebody with a cookie jar for the proxy's cookie, who remembers every visit. */
export class Visitor {
  readonly name: string;
  readonly visits: Visit[] = [];
  readonly #cookieName: string;
  #cookie: string | undefined;

  constructor(name: string, cookieName = '_srv_id') {
    this.name = name;
    this.#cookieName = cookieName;
  }

  /** Another client with the same cookie, which learns nothing of what this one is told from now on. */
  twin(): Visitor {
    const twin = new Visitor(`${this.name}, its twin`, this.#cookieName);
    twin.#cookie = this.#cookie;
    return twin;
  }

  /** The value of the cookie in the jar. */
  get cookie(): string | undefined {
    return this.#cookie;
  }

  get lastVisit(): Visit | undefined {
    return this.visits.at(-1);
  }

  /** The endpoints that answered in turn, each named once for as long as it was the same. */
  get path(): readonly (string | undefined)[] {
    return this.visits
      .map(({ servedBy }) => servedBy)
      .filter((endpoint, index, all) => endpoint !== all[index - 1]);
  }

  /** The times that a `Set-Cookie` of our name came. */
  get cookiesSet(): number {
    return this.visits.filter(({ setsCookie }) => setsCookie).length;
  }

  async visit(client: Sender, request: ClientRequest = {}): Promise<Visit> {
    const cookies = [
      request.headers?.cookie ?? [],
      this.#cookie === undefined ? [] : `${this.#cookieName}=${this.#cookie}`,
    ];
    const cookie = cookies.flat().join('; ');
    const headers = cookie === '' ? request.headers : { ...request.headers, cookie };
    const response = await client.send(headers === undefined ? request : { ...request, headers });
    const value = cookieValue(response, this.#cookieName);
    if (value !== undefined) this.#cookie = value;
    const visit = readVisit(response, value !== undefined);
    this.visits.push(visit);
    return visit;
  }
}

/** The value that a response sets for the cookie of that name. */
export function cookieValue({ setCookies }: ClientResponse, name: string): string | undefined {
  const field = setCookies.find((candidate) => candidate.startsWith(`${name}=`));
  return field?.slice(name.length + 1).split(';', 1)[0];
}

/** What the debug headers and the endpoint say of a response. */
export function readVisit(response: ClientResponse, setsCookie: boolean): Visit {
  const { headers, status } = response;
  const version = /version=(\d+)/.exec(headers['holdfast-pin'] ?? '')?.[1];
  return {
    response,
    status,
    servedBy: headers['x-served-by'],
    node: headers['holdfast-node'],
    outcome: headers['holdfast-outcome']?.split(';', 1)[0],
    version: version === undefined ? undefined : Number(version),
    moved: headers['x-saw-moved'],
    setsCookie,
  };
}

/** A visit of somebody without a jar. */
export const visit = async (client: Sender | undefined, request: ClientRequest = {}): Promise<Visit> =>
  readVisit(await (client as Sender).send(request), false);

/** So many visitors, each after its first visit, at one client after the other. */
export async function welcome(count: number, clients: readonly Sender[]): Promise<readonly Visitor[]> {
  const visitors = Array.from({ length: count }, (_, index) => new Visitor(`visitor ${index}`));
  await Promise.all(
    visitors.map((visitor, index) => visitor.visit(clients[index % clients.length] as Sender)),
  );
  return visitors;
}

/** Visits of every visitor to every client, one client after the other, the visitors side by side. */
export async function visitAll(
  visitors: readonly Visitor[],
  clients: readonly Sender[],
  request?: ClientRequest,
): Promise<void> {
  for (const client of clients) await Promise.all(visitors.map((visitor) => visitor.visit(client, request)));
}

/** For assertions: each visitor's way, so that a failed one shows who went where. */
export const pathsOf = (visitors: readonly Visitor[]): Readonly<Record<string, string>> =>
  Object.fromEntries(visitors.map(({ name, path }) => [name, path.join(' > ')]));
