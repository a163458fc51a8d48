import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HoldfastError } from '@holdfast/shared';
import { request } from 'undici';
import { Child } from '../../support/child.ts';
import { HOLDFAST } from '../../support/command.ts';
import type { KubernetesObject } from '../../support/helm-chart.ts';
import { until } from '../../support/until.ts';
import { type Container, nodeContainer, only, type Probe } from './pods.ts';

const START_DEADLINE_MS = 60_000;

/** A pod of the Deployment as a process: its files, its variables and its command are those that the chart names. */
export class PodProcess {
  readonly name: string;
  readonly container: Container;
  /** Where the ConfigMap is mounted. */
  readonly #dir: string;
  readonly #objects: readonly KubernetesObject[];
  readonly #child: Child;

  /** @param dir under which it has a folder of its own */
  static async start(name: string, objects: readonly KubernetesObject[], dir: string): Promise<PodProcess> {
    const mounted = join(dir, name);
    await mkdir(mounted);
    const { data } = only<{ data: Readonly<Record<string, string>> }>(objects, 'ConfigMap');
    for (const [file, text] of Object.entries(data)) await writeFile(join(mounted, file), text);
    const pod = new PodProcess(name, objects, mounted);
    await until(
      `${name} is started`,
      async () => pod.#child.hasExited || (await pod.probe('startupProbe')) === 200,
      START_DEADLINE_MS,
    );
    if (pod.#child.hasExited) throw new HoldfastError('INTERNAL', `${name}: ${pod.#child.lines.join('\n')}`);
    return pod;
  }

  private constructor(name: string, objects: readonly KubernetesObject[], dir: string) {
    this.name = name;
    this.container = nodeContainer(objects);
    this.#dir = dir;
    this.#objects = objects;
    this.#child = this.run(this.container.command ?? []);
  }

  get child(): Child {
    return this.#child;
  }

  /** Runs a command as in the container. */
  run(command: readonly string[]): Child {
    const [program, ...args] = command.map((word) => word.replace('/etc/holdfast/', `${this.#dir}/`));
    if (program !== 'holdfast') throw new HoldfastError('INTERNAL', `the image has no ${program}`);
    return new Child({ name: this.name, command: HOLDFAST, args, env: this.#environment() });
  }

  /** The port of a name, on this machine. */
  port(name: string): number {
    const found = this.container.ports?.find((port) => port.name === name);
    if (found === undefined) throw new HoldfastError('INTERNAL', `the container has no port ${name}`);
    return found.containerPort;
  }

  /** What the kubelet is answered; undefined where it is not. */
  async probe(kind: 'startupProbe' | 'livenessProbe' | 'readinessProbe'): Promise<number | undefined> {
    const { httpGet } = this.container[kind] as Required<Probe>;
    return (await this.get(httpGet.port, httpGet.path).catch(() => undefined))?.status;
  }

  async get(
    port: string,
    path: string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<{ status: number; body: string }> {
    const options = { headers, reset: true };
    const { statusCode, body } = await request(`http://127.0.0.1:${this.port(port)}${path}`, options);
    return { status: statusCode, body: await body.text() };
  }

  #environment(): Readonly<Record<string, string>> {
    const { stringData } = only<{ stringData: Readonly<Record<string, string>> }>(this.#objects, 'Secret');
    const entries = (this.container.env ?? []).map(({ name, value, valueFrom }) => {
      const known = valueFrom?.fieldRef?.fieldPath === 'metadata.name' ? this.name : undefined;
      return [name, value ?? known ?? stringData[valueFrom?.secretKeyRef?.key ?? ''] ?? ''];
    });
    return Object.fromEntries(entries) as Readonly<Record<string, string>>;
  }
}
