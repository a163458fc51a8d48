import { type Clock, type Logger, type Random, Turns } from '@holdfast/shared';
import { type Answer, readAnswer, refused } from '../admin/answer.ts';
import type { QuestionOf } from '../admin/question.ts';
import type { Preparation } from '../node/node-reload.ts';
import { type MetricsSnapshot, readSnapshot } from '../telemetry/snapshot.ts';
import { WorkerSnapshots } from '../telemetry/worker-snapshots.ts';
import { Crew, type Member } from './crew.ts';
import { PROTOCOL, type WorkerMessage } from './messages.ts';
import { NewsBoard } from './news-board.ts';
import { Questions } from './questions.ts';
import { ReloadRound } from './reload-round.ts';
import { SocketDesk } from './socket-desk.ts';
import type { WorkerEvents, WorkerHandle } from './worker-process.ts';
import { proberOf, type WorkerNumber } from './workforce.ts';

export interface SupervisorOptions {
  /** How many workers accept. */
  readonly size: number;
  /** Starts a process for one of them. */
  readonly launch: (events: WorkerEvents) => WorkerHandle;
  /** The id of the node. */
  readonly node: string;
  /** The name of the configuration file, for people. */
  readonly file: string;
  /** Its text, until another one is reloaded. */
  readonly text: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

/** A worker and what it says of itself. */
export interface WorkerReport {
  readonly member: Member;
  readonly report: unknown;
}

const REPORT_DEADLINE_MS = 2_000;
/** Longer than the session map takes for what it answers at all. */
const ANSWER_DEADLINE_MS = 5_000;

const NOBODY_ANSWERS = refused('STORE_UNAVAILABLE', 'no worker answers: ask again in a moment');

type EndpointAddition = QuestionOf<'add-endpoint'>;
type EndpointRemoval = QuestionOf<'remove-endpoint'>;

/**
 * Serves nothing itself and keeps what must outlive workers: the sockets, the text of the configuration, and what is
 * known of endpoints. It does not interpret the configuration, so that an upgrade can bring workers that understand
 * more of it.
 */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #crew: Crew;
  readonly #sockets: SocketDesk;
  readonly #questions: Questions;
  readonly #news = new NewsBoard();
  readonly #snapshots = new WorkerSnapshots();
  /** No worker starts while a reload is under way, and the other way round: it would miss it. */
  readonly #turns = new Turns();
  /** Who waits for a worker to serve, or to be gone. */
  readonly #starts = new Map<WorkerNumber, () => void>();
  /** The questions by which operators have added endpoints. */
  #additions: readonly EndpointAddition[] = [];
  #round: ReloadRound | undefined;
  #rounds = 0;
  #isLeaving = false;
  #prober: WorkerNumber | undefined;
  #text: string;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#text = options.text;
    this.#sockets = new SocketDesk(options.log);
    this.#questions = new Questions(options.clock);
    this.#crew = new Crew({
      ...options,
      duties: {
        start: (member) => void this.#turns.take(() => this.#start(member)),
        said: (member, message) => this.#said(member, message),
        changed: () => this.#nameProber(),
        gone: (member) => this.#forget(member),
      },
    });
  }

  get crew(): Crew {
    return this.#crew;
  }

  /**
   * Has all workers make ready for another configuration, of which the answer then says whether they go by it or forget
   * it. What one of them refuses, none of them takes on.
   */
  prepare(text: string): Promise<Preparation> {
    const answer = Promise.withResolvers<Preparation>();
    void this.#turns.take(async () => {
      const round = new ReloadRound(++this.#rounds, this.#crew.serving, this.#options.clock);
      this.#round = round;
      await this.#hold(round, text, answer.resolve);
      this.#round = undefined;
      this.#sockets.keepOnly(this.#crew.serving.flatMap(({ serving }) => serving ?? []));
    });
    return answer.promise;
  }

  /** What each worker says of itself; one that does not answer in time is left out. */
  async reports(): Promise<readonly WorkerReport[]> {
    const members = this.#crew.living.filter(({ serving }) => serving !== undefined);
    const given = await this.#questions.ask(members, REPORT_DEADLINE_MS, (id) => ({ kind: 'report', id }));
    return members
      .filter(({ number }) => given.has(number))
      .map((member) => ({ member, report: given.get(member.number) }));
  }

  /**
   * Has a worker answer what an operator asks: any of them has the session map and the pools. The one that probes is asked, as
   * it also does what the node has to do by itself.
   */
  async ask(question: unknown): Promise<Answer> {
    const { serving } = this.#crew;
    const asked = serving.find(({ number }) => number === this.#prober) ?? serving[0];
    const given = await this.#askEach(asked === undefined ? [] : [asked], question);
    const [answer] = given.values();
    return readAnswer(answer) ?? NOBODY_ANSWERS;
  }

  /** What each worker that serves knows of itself; a refusal is no answer, and neither is one that is not given in time. */
  async askAll(question: unknown): Promise<readonly unknown[]> {
    const given = await this.#askEach(this.#crew.serving, question, REPORT_DEADLINE_MS);
    const answers = [...given.values()].map(readAnswer);
    return answers.flatMap((answer) => (answer?.kind === 'told' ? [answer.value] : []));
  }

  /**
   * What the processes of the node have counted, those that have ended among them; that of the one that probes first. One that
   * does not answer in time is as it was when it did.
   */
  async metrics(): Promise<readonly MetricsSnapshot[]> {
    const living = this.#crew.living.filter(({ serving }) => serving !== undefined);
    const question = { kind: 'metrics' };
    const given = await this.#questions.ask(living, REPORT_DEADLINE_MS, (id) => ({
      kind: 'ask',
      id,
      question,
    }));
    for (const [worker, answered] of given) {
      const answer = readAnswer(answered);
      if (answer?.kind === 'told') this.#counted(worker, answer.value);
    }
    const numbers = this.#crew.living.map(({ number }) => number);
    return this.#snapshots.all(numbers.sort((a, b) => this.#rank(a) - this.#rank(b)));
  }

  /** Has all workers add or remove an endpoint, and those that start later. The answer is theirs, a refusal before any other. */
  change(question: EndpointAddition | EndpointRemoval): Promise<Answer> {
    return this.#turns.take(async () => {
      const workers = this.#crew.serving;
      const given = await this.#askEach(workers, question);
      const answers = workers.map(({ number }) => readAnswer(given.get(number)) ?? NOBODY_ANSWERS);
      const refusal = answers.find(({ kind }) => kind === 'refused');
      if (refusal !== undefined || answers[0] === undefined) return refusal ?? NOBODY_ANSWERS;
      const others = this.#additions.filter(({ pool, id }) => pool !== question.pool || id !== question.id);
      this.#additions = question.kind === 'add-endpoint' ? [...others, question] : others;
      return answers[0];
    });
  }

  /** Has all workers send their clients elsewhere, and those that start later. */
  leave(): void {
    this.#isLeaving = true;
    for (const { process } of this.#crew.serving) process.send({ kind: 'leave' });
  }

  #counted(worker: WorkerNumber, told: unknown): void {
    const snapshot = readSnapshot(told);
    if (snapshot !== undefined) this.#snapshots.take(worker, snapshot);
  }

  /** The one that probes comes before the others. */
  #rank(worker: WorkerNumber): number {
    return worker === this.#prober ? 0 : 1;
  }

  #askEach(
    workers: readonly Member[],
    question: unknown,
    deadlineMs = ANSWER_DEADLINE_MS,
  ): Promise<ReadonlyMap<WorkerNumber, unknown>> {
    return this.#questions.ask(workers, deadlineMs, (id) => ({ kind: 'ask', id, question }));
  }

  async #hold(round: ReloadRound, text: string, answer: (preparation: Preparation) => void): Promise<void> {
    const verdict = await round.prepare(text);
    if (verdict.kind === 'refused') {
      round.discard();
      return answer(verdict);
    }
    const isOver = Promise.withResolvers<void>();
    const commit = async (): Promise<void> => {
      this.#text = text;
      await round.commit();
      isOver.resolve();
    };
    const discard = async (): Promise<void> => {
      round.discard();
      isOver.resolve();
    };
    answer({ ...verdict, commit, discard });
    await isOver.promise;
  }

  async #start(member: Member): Promise<void> {
    // It may have ended while it waited for its turn.
    if (!this.#crew.living.includes(member)) return;
    const { node, file } = this.#options;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#starts.set(member.number, resolve);
    this.#crew.startsNow(member);
    const news = this.#news.all();
    const additions = [...this.#additions];
    member.process.send({ kind: 'start', protocol: PROTOCOL, file, text: this.#text, node, news, additions });
    await promise;
  }

  #said(member: Member, message: WorkerMessage): void {
    switch (message.kind) {
      case 'want-socket':
        return void this.#sockets.give(member.process, message);
      case 'serving':
        this.#starts.get(member.number)?.();
        this.#round?.said(member.number, message);
        if (this.#isLeaving) member.process.send({ kind: 'leave' });
        return void this.#sockets.announce(message.sockets);
      case 'prepared':
        return this.#round?.said(member.number, message);
      case 'news':
        return this.#spread(message, member);
      case 'reach':
        member.isCutOff = message.isCutOff;
        return;
      case 'report':
      case 'answer':
        return this.#questions.answered(member.number, message);
      case 'last-metrics':
        return this.#counted(member.number, message.snapshot);
      case 'hello':
        return;
    }
  }

  #spread(message: Extract<WorkerMessage, { kind: 'news' }>, from: Member): void {
    this.#news.take(message.news);
    const others = this.#crew.living.filter((other) => other !== from);
    for (const { process } of others) process.send(message);
  }

  #nameProber(): void {
    const before = this.#prober;
    const next = proberOf(this.#crew.workforce, before);
    // At the end, when all leave, the last one goes on for as long as it serves.
    if (next === undefined || next === before) return;
    this.#prober = next;
    for (const { number, process } of this.#crew.living) {
      if (number === before) process.send({ kind: 'probing', isProber: false });
      if (number === next) process.send({ kind: 'probing', isProber: true });
    }
  }

  #forget({ number }: Member): void {
    this.#starts.get(number)?.();
    this.#starts.delete(number);
    this.#round?.gone(number);
    this.#questions.gone(number);
  }
}
