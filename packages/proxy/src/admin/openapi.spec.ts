import { expect, it } from 'vitest';
import { API } from './api.ts';
import { AdminWorld, keyOf } from './testing/admin-world.ts';

const world = new AdminWorld({ type: 'cookie' }, { endpointNetworks: ['10.0.0.0/8'] });

/** What operations are asked that would be refused without. */
const BODIES: Readonly<Record<string, object>> = { addEndpoint: { id: 'd', url: 'http://10.0.0.9:8080' } };
const PATHS: Readonly<Record<string, string>> = { removeEndpoint: '/endpoints/shop/d?force=true' };

it('the admin listener serves a document of what it can be asked, and each of its operations is there', async () => {
  const { status, body } = await world.ask('GET /openapi.json');
  expect(status).toBe(200);
  expect(body).toMatchObject({ openapi: '3.1.0', components: { securitySchemes: { token: {} } } });
  const documented = Object.entries(body.paths).flatMap(([path, methods]) =>
    Object.keys(methods as object).map((method) => `${method} ${path}`),
  );
  expect(documented.sort()).toEqual(
    Object.values(API)
      .map(({ method, path }) => `${method} ${path}`)
      .sort(),
  );
});

it('the document has no schema by reference, and names every parameter of a path', async () => {
  const { body } = await world.ask('GET /openapi.json');
  expect(JSON.stringify(body)).not.toContain('$ref');
  for (const [path, methods] of Object.entries(body.paths as Record<string, Record<string, unknown>>)) {
    const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    for (const operation of Object.values(methods)) {
      const { parameters } = operation as { parameters: readonly { in: string; name: string }[] };
      expect(parameters.filter((each) => each.in === 'path').map(({ name }) => name)).toEqual(names);
    }
  }
});

it.each(Object.entries(API).filter(([, { answerType }]) => answerType === 'application/json'))(
  '%s answers what the document says',
  async (name, operation) => {
    const key = await world.pin(1, 'a');
    const ordinary = operation.path.replace('{pool}/{id}', 'shop/a').replace('{pool}', 'shop');
    const path = PATHS[name] ?? ordinary.replace('{key}', key);
    const { status, body } = await world.ask(`${operation.method.toUpperCase()} ${path}`, BODIES[name]);
    expect([200, 503]).toContain(status);
    expect(operation.answer.safeParse(body).error).toBeUndefined();
  },
);

it.each(Object.entries(API).filter(([, { method }]) => method !== 'get'))(
  '%s is refused to web pages',
  async (_, { method, path }) => {
    const line = `${method.toUpperCase()} ${path.replace('{pool}/{id}', 'shop/a').replace('{key}', keyOf(1))}`;
    expect((await world.ask(line, undefined, { origin: 'null' })).status).toBe(403);
  },
);
