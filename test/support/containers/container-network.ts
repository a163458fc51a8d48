import { execFile } from 'node:child_process';
import { Child } from '../child.ts';
import type { Ended } from '../command.ts';

/** The way of a container to the others. */
export interface Attachment {
  readonly address: string;
  /** Where its end of the cable is plugged in: the process that holds the network. */
  readonly holderPid: number;
  /** What the other end is called there. */
  readonly plug: string;
}

/**
 * A network like that of a container engine: an Ethernet switch in a network namespace of its own, so that nothing of it is
 * seen from the machine, and nothing is left of it when the process that holds it has ended.
 */
export class ContainerNetwork {
  readonly #holder: Child;
  #plugs = 0;

  private constructor(holder: Child) {
    this.#holder = holder;
  }

  /** @param gateway the address of the switch itself, with the length of the prefix */
  static async open(gateway: string): Promise<ContainerNetwork> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const script = `set -e
      ip link set lo up
      ip link add lan type bridge
      ip addr add ${gateway} dev lan
      ip link set lan up
      echo open
      exec sleep infinity`;
    const holder = new Child({
      name: 'network',
      command: 'unshare',
      args: ['--net', 'setpriv', '--pdeathsig', 'KILL', 'sh', '-c', script],
      onStdout: () => resolve(),
    });
    await Promise.race([promise, holder.exit]);
    return new ContainerNetwork(holder);
  }

  attach(address: string): Attachment {
    return { address, holderPid: this.#holder.pid, plug: `plug${++this.#plugs}` };
  }

  /** Runs a command of this machine inside of the network, as somebody at the address of the switch. */
  run(command: string, ...args: readonly string[]): Promise<Ended> {
    return new Promise((resolve) => {
      const inside = ['--target', String(this.#holder.pid), '--net', command, ...args];
      const child = execFile('nsenter', inside, { timeout: 30_000 }, (_, stdout, stderr) =>
        resolve({ exitCode: child.exitCode ?? -1, stdout, stderr }),
      );
    });
  }

  async close(): Promise<void> {
    await this.#holder.end();
  }
}
