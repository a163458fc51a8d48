import { HoldfastError, nodeId, Turns } from '@holdfast/shared';
import { type Config, formatProblem, type ParsedConfig } from '@holdfast/shared/config';
import { type Answer, refused } from '../admin/answer.ts';
import { readAddition } from '../admin/endpoint-additions.ts';
import type { startNode } from '../compose.ts';
import type { ConfigSource } from '../node/config-source.ts';
import type { Preparation } from '../node/node-reload.ts';
import type { SharedNode, WorkerNode } from '../node/running-node.ts';
import { PROTOCOL, type ReloadVerdict, type SupervisorMessage } from './messages.ts';
import { SharedStandings } from './shared-standings.ts';
import { SupervisedSockets, socketKey } from './supervised-sockets.ts';
import type { SupervisorChannel } from './supervisor-channel.ts';

/** What a worker is made with. */
export interface WorkerParts {
  readonly channel: SupervisorChannel;
  /** The release of this code. */
  readonly release: string;
  readonly startNode: typeof startNode;
  /** Reads a configuration; `file` is its name for people. */
  readonly parse: (text: string, file: string) => ParsedConfig;
  /** Takes a line about what is wrong. */
  readonly complain: (text: string) => void;
}

type Start = Extract<SupervisorMessage, { kind: 'start' }>;

/** One of the processes of a node. That its supervisor is gone means the same to it as being told to end. */
export class Worker {
  readonly #parts: WorkerParts;
  readonly #sockets: SupervisedSockets;
  readonly #standings: SharedStandings;
  readonly #start = Promise.withResolvers<Start>();
  readonly #dismissal = Promise.withResolvers<'dismissed'>();
  readonly #shutDown = Promise.withResolvers<'over'>();
  /** A configuration is prepared, then committed or discarded, and only then comes the next one. */
  readonly #turns = new Turns();
  #node: WorkerNode | undefined;
  #isProber = false;
  #prepared: Extract<Preparation, { kind: 'prepared' }> | undefined;

  constructor(parts: WorkerParts) {
    const { channel } = parts;
    this.#parts = parts;
    this.#sockets = new SupervisedSockets(channel);
    this.#standings = new SharedStandings((news) => channel.send({ kind: 'news', news }));
  }

  /**
   * Serves for as long as the supervisor wants it to.
   *
   * @returns when everything has been closed; whether it could serve at all
   * @throws HoldfastError if an address cannot be had, or a file cannot be opened
   */
  async run(): Promise<boolean> {
    const { channel, release } = this.#parts;
    void channel.lost.then(() => this.#shutDown.resolve('over'));
    channel.listen((message, socket) => this.#hear(message, socket));
    channel.send({ kind: 'hello', protocol: PROTOCOL, release });
    const start = await Promise.race([this.#start.promise, this.#shutDown.promise]);
    if (start === 'over') return true;
    const config = this.#configOf(start);
    if (config === undefined) return false;
    // A supervisor that is gone gives no sockets.
    const node = await Promise.race([this.#open(config, start), this.#shutDown.promise]);
    if (node === 'over') return true;
    this.#serve(node);
    await this.#untilTheEnd(node);
    await channel.send({ kind: 'last-metrics', snapshot: node.metricsSnapshot() });
    return true;
  }

  #configOf({ text, file }: Start): Config | undefined {
    const parsed = this.#parts.parse(text, file);
    if (parsed.kind === 'config') return parsed.config;
    for (const problem of parsed.problems) this.#parts.complain(formatProblem(problem));
    return undefined;
  }

  #open(config: Config, { text, file, node, news, additions: given }: Start): Promise<WorkerNode> {
    for (const known of news) this.#standings.heard(known);
    const additions = given.flatMap((addition) => readAddition(addition) ?? []);
    const shared: SharedNode = {
      node: nodeId(node),
      sockets: this.#sockets,
      follower: this.#standings,
      additions,
      cutOffChanged: (isCutOff) => this.#parts.channel.send({ kind: 'reach', isCutOff }),
    };
    const source: ConfigSource = {
      text,
      // Its supervisor reads the file, once for all workers.
      read: () => Promise.reject(),
      parse: (next) => this.#parts.parse(next, file),
      unreadable: String,
    };
    return this.#parts.startNode(config, { source, shared });
  }

  #serve(node: WorkerNode): void {
    this.#node = node;
    if (this.#isProber) node.probe(true);
    this.#tellSockets(node);
  }

  async #untilTheEnd(node: WorkerNode): Promise<void> {
    const end = await Promise.race([this.#dismissal.promise, this.#shutDown.promise]);
    if (end === 'over') return node.shutdown();
    void this.#shutDown.promise.then(() => node.shutdown());
    return node.handOver();
  }

  #hear(message: SupervisorMessage, socket: unknown): void {
    switch (message.kind) {
      case 'start':
        return this.#start.resolve(message);
      case 'socket':
        return this.#sockets.answered(message, socket);
      case 'prepare':
        return void this.#turns.take(() => this.#prepare(message));
      case 'commit':
        return void this.#turns.take(() => this.#commit());
      case 'discard':
        return void this.#turns.take(async () => this.#prepared?.discard());
      case 'news':
        return this.#standings.heard(message.news);
      case 'probing':
        this.#isProber = message.isProber;
        return this.#node?.probe(message.isProber);
      case 'dismiss':
        return this.#dismissal.resolve('dismissed');
      case 'leave':
        return void this.#node?.leave();
      case 'shut-down':
        return this.#shutDown.resolve('over');
      case 'report':
        return this.#report(message.id);
      case 'ask':
        return void this.#answer(message);
    }
  }

  async #prepare({ text, round }: Extract<SupervisorMessage, { kind: 'prepare' }>): Promise<void> {
    const preparation = await this.#node?.prepareReload(text);
    if (preparation === undefined) return;
    this.#prepared = preparation.kind === 'prepared' ? preparation : undefined;
    this.#parts.channel.send({ kind: 'prepared', verdict: verdictOf(preparation), round });
  }

  async #commit(): Promise<void> {
    await this.#prepared?.commit();
    this.#prepared = undefined;
    if (this.#node !== undefined) this.#tellSockets(this.#node);
  }

  #tellSockets({ config }: WorkerNode): void {
    const sockets = config.listeners.map(({ name, listen }) => ({
      listener: name,
      key: socketKey(name, listen),
    }));
    const { delay, deadline } = config.shutdown;
    this.#parts.channel.send({ kind: 'serving', sockets, leavesWithinMs: delay + deadline });
  }

  #report(id: number): void {
    if (this.#node === undefined) return;
    this.#parts.channel.send({ kind: 'report', id, report: this.#node.status.report() });
  }

  async #answer({ id, question }: Extract<SupervisorMessage, { kind: 'ask' }>): Promise<void> {
    const operator = this.#node?.operator;
    if (operator === undefined) return;
    const answer = await operator.answer(question).catch(refusalOf);
    this.#parts.channel.send({ kind: 'answer', id, answer });
  }
}

function refusalOf(error: unknown): Answer {
  const { code, message } = HoldfastError.from(error);
  return refused(code, message);
}

function verdictOf(preparation: Preparation): ReloadVerdict {
  const { kind } = preparation;
  return kind === 'prepared' ? { kind, changes: preparation.changes } : preparation;
}
