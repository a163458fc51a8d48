import { chown, mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { HoldfastError } from '@holdfast/shared';
import type { Child } from '../child.ts';
import type { Ended } from '../command.ts';
import { COMPOSE_FOLDER, type ComposeFile, type ComposeService } from './compose-file.ts';
import { type ContainerPlan, runInContainer, startContainer } from './container.ts';
import { ContainerNetwork } from './container-network.ts';
import type { Mount } from './container-script.ts';
import { BASE_MOUNTS, baseImage, type Image } from './image.ts';
import { dnsmasqFor } from './name-server.ts';

/** Who may write to a volume: the user of our image. */
const OWNER = 65_532;

/** The first address of those that are given out to who has none of its own. */
const FIRST_DYNAMIC = 129;

/**
 * The services of a compose file as processes of this machine, each with the command, the environment, the files, the address
 * and the rights that it has there. Images of others are stood in for by the programs of this machine: Redis, and dnsmasq for
 * CoreDNS.
 */
export class Composition {
  readonly network: ContainerNetwork;
  readonly #file: ComposeFile;
  readonly #directory: string;
  readonly #ours: Image;
  readonly #theirs: Image;
  readonly #running = new Map<string, { readonly child: Child; readonly plan: ContainerPlan }>();

  private constructor(
    file: ComposeFile,
    directory: string,
    network: ContainerNetwork,
    ours: Image,
    theirs: Image,
  ) {
    this.#file = file;
    this.#directory = directory;
    this.network = network;
    this.#ours = ours;
    this.#theirs = theirs;
  }

  /** @param image what `holdfast:local` is */
  static async open(file: ComposeFile, image: Image, directory: string): Promise<Composition> {
    await mkdir(directory, { recursive: true });
    const [{ subnet }] = file.networks.default.ipam.config;
    const network = await ContainerNetwork.open(subnet.replace('.0/', '.1/'));
    return new Composition(file, directory, network, image, await baseImage(join(directory, 'base')));
  }

  /** Starts a service that does not run. @param onStdout hears what it prints */
  async start(name: string, onStdout?: (line: string) => void): Promise<Child> {
    const plan = await this.#planOf(name);
    const child = await startContainer(
      { ...plan, ...(onStdout !== undefined && { onStdout }) },
      this.#directory,
    );
    this.#running.set(name, { child, plan });
    return child;
  }

  childOf(name: string): Child {
    return this.#runningOf(name).child;
  }

  /** Ends a service as `docker compose stop` does. */
  stop(name: string): ReturnType<Child['end']> {
    return this.childOf(name).end('SIGTERM');
  }

  /** Runs a command where a service runs, as its user. */
  exec(name: string, ...command: readonly string[]): Promise<Ended> {
    const { child, plan } = this.#runningOf(name);
    return runInContainer(child, plan, command);
  }

  /** Asks a service how it is, as the container engine would. */
  async isHealthy(name: string): Promise<boolean> {
    const { image, healthcheck } = this.#serviceOf(name);
    const test = healthcheck?.test?.slice(1) ?? (image === 'holdfast:local' ? this.#ours.healthcheck : []);
    return (await this.exec(name, ...test)).exitCode === 0;
  }

  addressOf(name: string): string {
    const given = this.#serviceOf(name).networks?.default.ipv4_address;
    if (given !== undefined) return given;
    const nameless = Object.keys(this.#file.services).filter(
      (other) => this.#serviceOf(other).networks === undefined,
    );
    const [{ subnet }] = this.#file.networks.default.ipam.config;
    return subnet.replace(/\d+\/\d+$/, String(FIRST_DYNAMIC + nameless.indexOf(name)));
  }

  /** For people: what every service last said. */
  lastWords(): string {
    return [...this.#running]
      .map(([name, { child }]) => [name, ...child.lines.slice(-10)].join('\n  '))
      .join('\n');
  }

  async close(): Promise<void> {
    await Promise.all([...this.#running.values()].map(({ child }) => child.end()));
    await this.network.close();
  }

  #serviceOf(name: string): ComposeService {
    const service = this.#file.services[name];
    if (service === undefined) throw new HoldfastError('INTERNAL', `no service is called ${name}`);
    return service;
  }

  #runningOf(name: string) {
    const running = this.#running.get(name);
    if (running === undefined) throw new HoldfastError('INTERNAL', `${name} does not run`);
    return running;
  }

  async #planOf(name: string): Promise<ContainerPlan> {
    const service = this.#serviceOf(name);
    const isOurs = service.image === 'holdfast:local';
    const address = this.addressOf(name);
    return {
      name,
      image: isOurs ? this.#ours : this.#theirs,
      command: service.image.startsWith('coredns/')
        ? await dnsmasqFor(join(COMPOSE_FOLDER, 'dns/Corefile'), address)
        : [...(service.entrypoint ?? []), ...(service.command ?? [])],
      environment: service.environment ?? {},
      // The user of an image of others is part of that image.
      ...(!isOurs && { user: service.user ?? `${OWNER}:${OWNER}` }),
      attachment: this.network.attach(address),
      hosts: this.#hosts(),
      nameServer: service.dns?.[0] ?? '127.0.0.11',
      mounts: [
        ...BASE_MOUNTS,
        ...(await Promise.all((service.volumes ?? []).map((text) => this.#mountOf(text)))),
      ],
      tmpfs: service.tmpfs ?? [],
      sysctls: Object.fromEntries(
        Object.entries(service.sysctls ?? {}).map(([key, value]) => [key, String(value)]),
      ),
      isReadOnly: service.read_only === true,
    };
  }

  /** What the engine's own name server would say. */
  #hosts(): string {
    return Object.entries(this.#file.services)
      .map(([name, { networks }]) =>
        [this.addressOf(name), name, ...(networks?.default.aliases ?? [])].join(' '),
      )
      .join('\n');
  }

  async #mountOf(text: string): Promise<Mount> {
    const [source = '', target = '', mode] = text.split(':');
    const isReadOnly = mode === 'ro';
    if (/^[./]/.test(source)) return { source: resolve(COMPOSE_FOLDER, source), target, isReadOnly };
    const volume = join(this.#directory, `volume-${source}`);
    await mkdir(volume, { recursive: true });
    await chown(volume, OWNER, OWNER);
    return { source: volume, target, isReadOnly };
  }
}
