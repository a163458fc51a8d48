/** One step of a Dockerfile: `COPY`, and what follows it. */
export interface Instruction {
  readonly name: string;
  readonly text: string;
}

/** A part of a Dockerfile that makes an image. */
export interface BuildStage {
  readonly name: string;
  /** Another stage, or an image of somebody else. */
  readonly base: string;
  readonly instructions: readonly Instruction[];
}

/** Reads a Dockerfile, with the defaults of its build arguments in their places. */
export function parseDockerfile(text: string): readonly BuildStage[] {
  const stages: BuildStage[] = [];
  const before: Record<string, string> = {};
  let within: Record<string, string> = {};
  for (const line of text
    .replaceAll(/^\s*#.*\n/gm, '')
    .replaceAll(/\s*\\\n\s*/g, ' ')
    .split('\n')) {
    const [, name = '', rest = ''] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? [];
    if (name === '') continue;
    const given = replaced(rest, stages.length === 0 || name === 'FROM' ? before : within);
    if (name === 'ARG') {
      const [variable = '', value = ''] = given.split('=', 2);
      (stages.length === 0 ? before : within)[variable] = value;
    } else if (name === 'FROM') {
      const [, base = '', stage = base] = /^(\S+)(?:\s+AS\s+(\S+))?$/i.exec(given) ?? [];
      stages.push({ name: stage, base, instructions: [] });
      within = {};
    } else {
      const last = stages.pop();
      if (last !== undefined)
        stages.push({ ...last, instructions: [...last.instructions, { name, text: given }] });
    }
  }
  return stages;
}

/** Variables that are known, replaced; the others are for the shell, or the environment of the image. */
const replaced = (text: string, values: Readonly<Record<string, string>>): string =>
  text.replaceAll(/\$\{(\w+)\}|\$(\w+)/g, (whole, braced, bare) => values[braced ?? bare] ?? whole);

/** The words of an instruction in either of its forms: `["a", "b"]`, or a line for a shell. */
export function wordsOf(text: string): readonly string[] {
  if (text.startsWith('[')) return JSON.parse(text) as readonly string[];
  return ['sh', '-c', text];
}

/** `a="b c" d=e` as pairs. */
export const pairsOf = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [...text.matchAll(/([\w.]+)=(?:"([^"]*)"|(\S+))/g)].map(([, name = '', quoted, bare]) => [
      name,
      quoted ?? bare ?? '',
    ]),
  );
