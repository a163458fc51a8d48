// Writes infra/grafana/dashboards.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DASHBOARDS } from './dashboards.ts';

const FOLDER = fileURLToPath(new URL('../../infra/grafana/dashboards/', import.meta.url));

mkdirSync(FOLDER, { recursive: true });
for (const dashboard of DASHBOARDS) {
  writeFileSync(join(FOLDER, `${dashboard.uid}.json`), `${JSON.stringify(dashboard, undefined, 2)}\n`);
}
