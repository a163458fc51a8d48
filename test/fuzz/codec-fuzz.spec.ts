import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { Child } from '../support/child.ts';
import { readJsonLine } from '../support/json-line.ts';

const PROGRAM = '../../packages/proxy/src/codec/testing/fuzz.ts';
/** Both parsers at once, each for this long; `CODEC_FUZZ_SECONDS` sets another time, `CODEC_FUZZ_SEED` the seed of a run. */
const SECONDS = process.env.CODEC_FUZZ_SECONDS ?? '60';
const SEED = process.env.CODEC_FUZZ_SEED;

describe('random messages', () => {
  it.concurrent.each(['request', 'response'])(
    'S1, 41, 42: are never read by the parser of a %s otherwise than by the grammar, nor otherwise in pieces',
    async (parser) => {
      const args = [
        fileURLToPath(new URL(PROGRAM, import.meta.url)),
        '--parser',
        parser,
        '--seconds',
        SECONDS,
      ];
      const said: string[] = [];
      const child = new Child({
        name: `fuzz ${parser}`,
        command: process.execPath,
        args: SEED === undefined ? args : [...args, '--seed', SEED],
        onStdout: (line) => {
          said.push(line);
          process.stderr.write(
            `fuzz ${parser}, ${SECONDS} s (again: CODEC_FUZZ_SEED): ${line.slice(0, 2_000)}\n`,
          );
        },
      });
      const { code } = await child.exit;
      const report = readJsonLine(said.at(-1) ?? '');
      expect({ code, failure: report?.failure }, child.lines.join('\n')).toEqual({
        code: 0,
        failure: undefined,
      });
      // Inputs of which none was accepted, or none refused, would have shown nothing.
      expect(report?.accepted).toBeGreaterThan(1_000);
      expect(report?.rejected).toBeGreaterThan(1_000);
    },
    Number(SECONDS) * 1_000 + 60_000,
  );
});
