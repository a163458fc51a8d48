import { ManualClock } from '@holdfast/shared/testing';
import { describe, expect, it } from 'vitest';
import type { RegistryAnswer } from '../registry.ts';
import { FileRegistry } from './file-registry.ts';

const ONE = '- url: http://10.0.0.1:8080\n';
const TWO = `${ONE}- url: http://10.0.0.2:8080\n`;

/** A registry whose file the test writes; undefined takes it away. */
async function setUp(text: string | undefined) {
  const clock = new ManualClock();
  const file = { text };
  const read = async (): Promise<string> => {
    if (file.text === undefined) throw new Error('ENOENT: no such file');
    return file.text;
  };
  const options = { file: 'endpoints.yaml', kind: 'http', incarnationsAreProbed: false } as const;
  const registry = new FileRegistry(options, read, clock);
  const heard: string[] = [];
  await registry.start((answer) => heard.push(described(answer)));
  return { clock, file, registry, heard };
}

const described = (answer: RegistryAnswer): string =>
  answer.kind === 'named' ? answer.endpoints.map(({ id }) => id).join(' ') : `failed: ${answer.reason}`;

describe('a file as a registry', () => {
  it('names what it lists at once, and again when it lists something else', async () => {
    const { clock, file, heard } = await setUp(ONE);
    file.text = TWO;
    await clock.advance(60_000);
    expect(heard).toEqual(['10.0.0.1:8080', '10.0.0.1:8080 10.0.0.2:8080']);
  });

  it('says nothing of a list that is being written: half of it is a list as well', async () => {
    const { clock, file, heard } = await setUp(TWO);
    file.text = ONE;
    await clock.advance(1_000);
    file.text = `${TWO}- url: http://10.0.0.3:8080\n`;
    await clock.advance(2_000);
    expect(heard).toEqual(['10.0.0.1:8080 10.0.0.2:8080', '10.0.0.1:8080 10.0.0.2:8080 10.0.0.3:8080']);
  });

  it('says what is wrong with a list, with its place, and names the endpoints of the next one', async () => {
    const { clock, file, heard } = await setUp(ONE);
    file.text = '- url: http://10.0.0.1:8080\n- urll: http://10.0.0.2:8080\n';
    await clock.advance(2_000);
    file.text = TWO;
    await clock.advance(2_000);
    expect(heard).toEqual([
      '10.0.0.1:8080',
      expect.stringMatching(/^failed: endpoints\.yaml:2:3: \[1\]\.urll: unknown key/),
      '10.0.0.1:8080 10.0.0.2:8080',
    ]);
  });

  it('says that it cannot be read, at every look, and names its endpoints when it is back as it was', async () => {
    const { clock, file, heard } = await setUp(ONE);
    file.text = undefined;
    await clock.advance(2_000);
    file.text = ONE;
    await clock.advance(60_000);
    const gone = 'failed: ENOENT: no such file';
    expect(heard).toEqual(['10.0.0.1:8080', gone, gone, '10.0.0.1:8080']);
  });

  it('may come later than the node', async () => {
    const { clock, file, heard } = await setUp(undefined);
    file.text = ONE;
    await clock.advance(2_000);
    expect(heard).toEqual(['failed: ENOENT: no such file', '10.0.0.1:8080']);
  });

  it('leaves no timer once it is stopped, and says nothing', async () => {
    const { clock, file, registry, heard } = await setUp(ONE);
    registry.stop();
    expect(clock.pendingTimers).toBe(0);
    file.text = TWO;
    await clock.advance(60_000);
    expect(heard).toHaveLength(1);
  });
});
