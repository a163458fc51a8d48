/** How far somebody has heard of what a process tells. */
export interface TrafficPosition {
  /** Numbers of the latest point and the latest line that were told. */
  readonly points: number;
  readonly lines: number;
}

const BETWEEN_PROCESSES = '~';
/** More than a node has at a time: those that are gone for good are forgotten. */
const PROCESSES_MAX = 256;

/** @param life tells the process from any other, and from an earlier one of the same number */
export const trafficCursor = (life: string, { points, lines }: TrafficPosition): string =>
  `${life}.${points}.${lines}`;

/**
 * One cursor for what several processes have told by now, `before` being the one that they were asked with: of those that have
 * not answered, it goes on to say how far they were heard.
 */
export function jointCursor(cursors: readonly string[], before = ''): string {
  const parts = [...before.split(BETWEEN_PROCESSES), ...cursors].filter((part) => part !== '');
  const byLife = new Map(parts.map((part) => [part.slice(0, part.indexOf('.')), part]));
  return [...byLife.values()].slice(-PROCESSES_MAX).join(BETWEEN_PROCESSES);
}

/** How far the process of that life was heard; undefined if it was not. */
export function positionIn(cursor: string | undefined, life: string): TrafficPosition | undefined {
  const own = cursor?.split(BETWEEN_PROCESSES).find((part) => part.startsWith(`${life}.`));
  const [points, lines] =
    own
      ?.slice(life.length + 1)
      .split('.')
      .map(Number) ?? [];
  return points === undefined || lines === undefined ? undefined : { points, lines };
}
