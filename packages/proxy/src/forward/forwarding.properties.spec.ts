import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ForwardingWorld } from '../testing/forwarding-world.ts';
import { chunked, type TestExchange } from '../testing/test-exchange.ts';

const ACTIONS = [
  'affinity answers',
  'affinity breaks',
  'client sends',
  'client ends',
  'client leaves',
  'client keeps up',
  'client falls behind',
  'endpoint wants the body',
  'endpoint falls behind',
  'endpoint informs',
  'endpoint responds',
  'endpoint sends',
  'endpoint finishes',
  'connect fails',
  'connection resets',
  'time runs out',
] as const;
type Action = (typeof ACTIONS)[number];

/** A client that does what a server lets it do: a body only while it is read, nothing after it has left. */
class TestClient {
  readonly sent: string[] = [];
  hasEnded = false;
  hasLeft = false;
  readonly #exchange: TestExchange;

  constructor(exchange: TestExchange) {
    this.#exchange = exchange;
    this.hasEnded = !exchange.hasBody;
  }

  send(): void {
    if (this.hasEnded || this.hasLeft || !this.#exchange.isReading) return;
    const piece = `piece ${this.sent.length};`;
    this.sent.push(piece);
    this.#exchange.events?.onRequestBody(Buffer.from(piece));
  }

  end(): void {
    if (this.hasEnded || this.hasLeft || !this.#exchange.isReading) return;
    this.hasEnded = true;
    this.#exchange.events?.onRequestEnd([]);
  }

  keepUp(): void {
    if (this.hasLeft) return;
    this.#exchange.keepsUp = true;
    this.#exchange.events?.onResponseDrain();
  }

  leave(): void {
    if (this.hasLeft) return;
    this.hasLeft = true;
    this.#exchange.events?.onClientGone();
  }
}

/** What stands before anything happens. */
interface Setting {
  readonly isWarm: boolean;
  readonly isEager: boolean;
  readonly hasBody: boolean;
  readonly bodyBytesMax: number | undefined;
}

/** What a client may see of what the endpoints sent: counted, so that every piece is another. */
interface Story {
  readonly world: ForwardingWorld;
  readonly exchange: TestExchange;
  readonly client: TestClient;
  readonly answered: string[];
}

function begin({ isWarm, isEager, hasBody, bodyBytesMax }: Setting): Story {
  const world = new ForwardingWorld({ bodyBytesMax });
  if (isEager) world.makeEager();
  world.affinity.isWarm = isWarm;
  const exchange = world.receive({ method: 'PUT', fields: hasBody ? chunked : [] });
  return { world, exchange, client: new TestClient(exchange), answered: [] };
}

async function act({ world, exchange, client, answered }: Story, action: Action): Promise<void> {
  const upstream = world.upstream;
  switch (action) {
    case 'affinity answers':
      return world.affinity.answer();
    case 'affinity breaks':
      return world.affinity.answer(new TypeError('a defect'));
    case 'client sends':
      return client.send();
    case 'client ends':
      return client.end();
    case 'client leaves':
      return client.leave();
    case 'client keeps up':
      return client.keepUp();
    case 'client falls behind':
      exchange.keepsUp = false;
      return;
    case 'endpoint wants the body':
      if (upstream !== undefined) upstream.keepsUp = true;
      return upstream?.wantBody();
    case 'endpoint falls behind':
      if (upstream !== undefined) upstream.keepsUp = false;
      return;
    case 'endpoint informs':
      return upstream?.inform(103);
    case 'endpoint responds':
      return upstream?.respond();
    case 'endpoint sends': {
      const piece = `answer ${answered.length};`;
      if (upstream?.hasResponded && !upstream.isOver && !upstream.isPaused) answered.push(piece);
      else return;
      return upstream.send(piece);
    }
    case 'endpoint finishes':
      return upstream?.finish();
    case 'connect fails':
      return upstream?.hasResponded ? undefined : upstream?.fail('UPSTREAM_CONNECT_FAILED', 'nothing-sent');
    case 'connection resets':
      return upstream?.fail('UPSTREAM_RESET');
    case 'time runs out':
      return upstream?.fail('UPSTREAM_TIMEOUT');
  }
}

const stories = {
  isWarm: fc.boolean(),
  isEager: fc.boolean(),
  hasBody: fc.boolean(),
  bodyBytesMax: fc.constantFrom(undefined, 0, 20),
  actions: fc.array(fc.constantFrom(...ACTIONS), { maxLength: 40 }),
};

/** Plays a story, checks `invariant` after every action, and ends it by the client's leaving. */
const inEveryStory = (invariant: (story: Story) => void) =>
  fc.assert(
    fc.asyncProperty(fc.record(stories), async ({ actions, ...setting }) => {
      const story = begin(setting);
      for (const action of actions) {
        await act(story, action);
        invariant(story);
      }
      await act(story, 'client leaves');
      await act(story, 'affinity answers');
      invariant(story);
      expect(story.world.inFlight).toBe(0);
      expect(story.world.records).toHaveLength(1);
    }),
    { numRuns: 300 },
  );

describe('in whatever order things happen to a request', () => {
  it('it counts at an endpoint exactly while it is under way there, and is recorded once', async () => {
    await inEveryStory(({ world }) => {
      expect(world.inFlight).toBe(world.arrived.filter((request) => !request.isOver).length);
      expect(world.records.length).toBeLessThanOrEqual(1);
    });
  });

  it('no work goes on at an endpoint once the client has its answer or is gone', async () => {
    await inEveryStory(({ world, exchange, client }) => {
      const isOver = exchange.isOver || client.hasLeft;
      if (isOver) expect(world.arrived.every((request) => request.isOver)).toBe(true);
      expect(world.records.length).toBe(isOver ? 1 : 0);
    });
  });

  it('a client sees what the endpoint sent, in order and in full while the response goes on', async () => {
    await inEveryStory(({ exchange, client, answered }) => {
      if (client.hasLeft || exchange.response?.status !== 200) return;
      expect(exchange.body).toBe(answered.join(''));
    });
  });

  it('an endpoint that is still at work has all of the body that was taken from the client', async () => {
    await inEveryStory(({ world, client }) => {
      const working = world.arrived.find((request) => !request.isOver);
      if (working === undefined) return;
      expect(working.pieces).toEqual(client.sent);
      expect(working.isEnded).toBe(client.hasEnded && working.head.body !== 'none');
    });
  });
});
