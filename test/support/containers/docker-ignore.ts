/** Says of a path below the context whether the builder gets it: the last pattern that fits it, or a folder above it, decides. */
export function readDockerIgnore(text: string): (path: string) => boolean {
  const patterns = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => ({ fits: patternOf(line.replace(/^!/, '')), brings: line.startsWith('!') }));
  return (path) => {
    const parts = path.split('/');
    const above = parts.map((_, index) => parts.slice(0, index + 1).join('/'));
    const decisive = patterns.findLast(({ fits }) => above.some((candidate) => fits.test(candidate)));
    return decisive?.brings ?? true;
  };
}

/** `*` stands for anything within a name, a dot at its beginning included; a leading `**` for any folders. */
const patternOf = (glob: string): RegExp =>
  new RegExp(
    `^${glob
      .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
      .replace(/^\*\*\//, '(?:.*/)?')
      .replaceAll(/(?<!\.)\*/g, '[^/]*')}$`,
  );
