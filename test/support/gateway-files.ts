import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { Child } from './child.ts';
import { HOLDFAST, holdfast } from './command.ts';
import { until } from './until.ts';

const FIXED_ANSWER = fileURLToPath(new URL('./fixed-answer-program.ts', import.meta.url));
/** How long a node may take to start or to reload, on a machine that is busy. */
const DEADLINE_MS = 30_000;
const PAGE = new URL('../../docs/profiles/fsm.md', import.meta.url);

/** The objects of a gateway and the endpoints of its Services, as the page on FSM shows both. */
export async function gatewayOfPage(): Promise<{ readonly manifests: string; readonly services: string }> {
  const page = await readFile(PAGE, 'utf8');
  const [manifests = '', services = ''] = [...page.matchAll(/```yaml\n(.*?)```/gs)].map(
    ([, block = '']) => block,
  );
  return { manifests, services };
}

/** The two files of a gateway, and what holdfast says of them. */
export class GatewayFiles {
  readonly #manifests: string;
  readonly #services: string;

  constructor(dir: string) {
    this.#manifests = join(dir, 'gateway.yaml');
    this.#services = join(dir, 'services.yaml');
  }

  async write({ manifests, services }: { manifests?: string; services?: string }): Promise<this> {
    if (manifests !== undefined) await writeFile(this.#manifests, manifests);
    if (services !== undefined) await writeFile(this.#services, services);
    return this;
  }

  /** Runs a command on the files to its end; problems come without the folder of the files. */
  async ask(...command: readonly string[]): Promise<{ readonly stdout: string; readonly stderr: string }> {
    const { stdout, stderr } = await holdfast(...command, ...this.#options);
    return { stdout: stdout.trimEnd(), stderr: stderr.trimEnd().replaceAll(/^\S*\//gm, '') };
  }

  /** Runs a node on the files until the end of the test. */
  async run(...options: readonly string[]): Promise<Child> {
    const args = ['run', ...this.#options, ...options];
    const node = new Child({ name: 'gateway', command: HOLDFAST, args, onStdout: () => {} });
    onTestFinished(async () => void (await node.end()));
    const isListening = (): boolean => said(node, '"listening"') || node.hasExited;
    await until('the gateway listens', isListening, DEADLINE_MS);
    return node;
  }

  get #options(): readonly string[] {
    return ['--gateway-yaml', this.#manifests, '--services', this.#services];
  }
}

/** Whether a node has logged something with that text. */
export const said = (node: Child, text: string): boolean => node.lines.some((line) => line.includes(text));

/** Waits until a node has logged something with that text. */
export const untilSaid = async (node: Child, text: string): Promise<void> =>
  void (await until(`"${text}" is logged`, () => said(node, text), DEADLINE_MS));

/** An endpoint that answers every request alike, in a process of its own, until the end of the test. */
export async function startFixedAnswer(port: number, status: number, text: string): Promise<void> {
  let isListening = false;
  const child = new Child({
    name: text,
    command: process.execPath,
    args: [FIXED_ANSWER, String(port), String(status), text],
    onStdout: () => {
      isListening = true;
    },
  });
  onTestFinished(async () => void (await child.end()));
  await until(`"${text}" is answered`, () => isListening);
}
