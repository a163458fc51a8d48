import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createAdminApp } from '../../packages/proxy/src/admin/admin-app.ts';
import { AdminWorld } from '../../packages/proxy/src/admin/testing/admin-world.ts';
import { ROOT } from '../architecture/source-file.ts';

const METRICS = { read: async () => ({ points: [] }) as never, text: async () => '' };

it('docs/reference/admin-api.md has every path of the admin listener, those of the console as one', () => {
  const page = readFileSync(join(ROOT, 'docs/reference/admin-api.md'), 'utf8');
  const { routes } = createAdminApp({ ...new AdminWorld().operations, metrics: METRICS });
  const paths = routes
    .filter(({ method }) => method !== 'ALL')
    .map(({ path }) =>
      path.replace(/^\/console.*$/, '/console/').replaceAll(/:(\w+)(?:\{[^}]+\})?/g, '{$1}'),
    );
  const served = [...new Set(paths)].filter((path) => path !== '/');
  expect(served.length).toBeGreaterThan(15);
  expect(served.filter((path) => !page.includes(` ${path}\``))).toEqual([]);
});
