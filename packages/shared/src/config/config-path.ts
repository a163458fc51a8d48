/** The way from the root of the configuration to one of its values: keys and list positions. */
export type ConfigPath = readonly (string | number)[];

const PLAIN_KEY = /^[A-Za-z_][A-Za-z0-9_-]*$/;

/** As people write it: `pools[0].affinity.idleTimeout`. The root is empty. */
export const formatPath = (path: ConfigPath): string =>
  path.reduce<string>((text, step) => text + formatStep(step, text === ''), '');

function formatStep(step: string | number, isFirst: boolean): string {
  if (typeof step === 'number') return `[${step}]`;
  if (!PLAIN_KEY.test(step)) return `[${JSON.stringify(step)}]`;
  return isFirst ? step : `.${step}`;
}

export const samePath = (a: ConfigPath, b: ConfigPath): boolean =>
  a.length === b.length && a.every((step, index) => step === b[index]);

/** Whether `path` is `ancestor` or leads through it. */
export const isWithin = (path: ConfigPath, ancestor: ConfigPath): boolean =>
  samePath(path.slice(0, ancestor.length), ancestor);

/** The value at `path`; undefined where the way ends early. */
export const valueAt = (root: unknown, path: ConfigPath): unknown =>
  path.reduce<unknown>(
    (value, step) => (value !== null && typeof value === 'object' ? Reflect.get(value, step) : undefined),
    root,
  );
