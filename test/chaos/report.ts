import { describeEnvironment } from '../../bench/src/machine/environment.ts';
import { describeMachine } from '../../bench/src/report/report.ts';
import { formatTable } from '../../bench/src/report/table.ts';
import type { Figure, Finding } from './figure.ts';

const HEADINGS = ['what', 'aim', 'measured', 'met', 'what HAProxy, nginx, Envoy and AWS say'];

/** The figures as Markdown, with where and when they were measured. */
export function formatFigures(found: ReadonlyMap<Figure, Finding>, note: string | undefined): string {
  const rows = [...found].map(([{ what, aim, others }, { measured, isInTime, wrong }]) => [
    ...[what, aim, measured],
    isInTime && wrong.length === 0 ? 'yes' : '**no**',
    others,
  ]);
  const place = `${describeMachine(describeEnvironment())}; three nodes, four endpoints, one Redis and all clients on them.`;
  return [
    formatTable([HEADINGS, ...rows], HEADINGS.length),
    place,
    ...(note === undefined ? [] : [note]),
  ].join('\n\n');
}
