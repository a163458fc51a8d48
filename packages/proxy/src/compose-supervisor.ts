import { availableParallelism } from 'node:os';
import { systemClock, systemRandom } from '@holdfast/shared';
import type { Config, Environment } from '@holdfast/shared/config';
import manifest from '../package.json' with { type: 'json' };
import { type Answer, told } from './admin/answer.ts';
import { adminListenerOf } from './admin/node-admin.ts';
import type { Question, QuestionOf } from './admin/question.ts';
import type { ConfigSource } from './node/config-source.ts';
import { CurrentConfig, type ReloadReport, type ReloadTrigger } from './node/current-config.ts';
import { Departure } from './node/departure.ts';
import { cannotListen } from './node/listener-set.ts';
import { createLoggers } from './node/loggers.ts';
import { nodeIdOf } from './node/node-core.ts';
import type { Preparation } from './node/node-reload.ts';
import { Reloader } from './node/reloader.ts';
import { jointPage, trafficPage } from './record/traffic-page.ts';
import { NodeTelemetry } from './telemetry/node-telemetry.ts';
import { SupervisedStatus } from './workers/supervised-status.ts';
import { Supervisor } from './workers/supervisor.ts';
import { startWorkerProcess, type WorkerProgram } from './workers/worker-process.ts';

export interface SupervisedNodeOptions {
  readonly source: ConfigSource & { readonly text: string };
  /** The name of the configuration file, for people. */
  readonly file: string;
  /** How a worker is started. */
  readonly program: WorkerProgram;
  /** Where the variables of OpenTelemetry are, `OTEL_…`. Default: nowhere. */
  readonly environment?: Environment;
}

/** A node of several processes at work. */
export interface SupervisedNode {
  /** Goes by what the source of the configuration says now. Never rejects: that it cannot is one of the reports. */
  reload(trigger: ReloadTrigger): Promise<ReloadReport>;
  /** Replaces every worker by one of the code that is on disk by then. */
  upgrade(): void;
  /** Has every worker leave in good order. */
  shutdown(): Promise<void>;
  /** Ends every worker now. */
  abort(): void;
}

/**
 * The composition root of a node of several processes: what stands above the workers, each of which is composed as a
 * node of a single process is.
 *
 * @returns undefined if no worker could start; the first of them has said why
 * @throws HoldfastError if the address of the admin listener cannot be had
 */
export async function startSupervisedNode(
  config: Config,
  { source, file, program, environment = {} }: SupervisedNodeOptions,
): Promise<SupervisedNode | undefined> {
  const clock = systemClock;
  const random = systemRandom();
  const node = nodeIdOf(config);
  const { log, setLevel } = createLoggers(config.log, node, clock, true);
  const current = new CurrentConfig(config, source.text, clock);
  const supervisor = new Supervisor({
    ...{ size: sizeOf(config), node, file, text: source.text, clock, random, log },
    launch: (events) => startWorkerProcess(program, events),
  });
  const { crew } = supervisor;
  const prepare = async (text: string): Promise<Preparation> =>
    following(await supervisor.prepare(text), () => {
      const parsed = source.parse(text);
      // Workers of a later release may understand what this process does not; they have agreed, and they serve.
      current.become(parsed.kind === 'config' ? parsed.config : current.config, text);
      setLevel(current.config.log.level);
    });
  const reloader = new Reloader({
    ...{ current, source, prepare, clock, log },
    reloaded: (report) => telemetry?.reloaded(report),
  });
  const status = new SupervisedStatus({ supervisor, current, clock });
  const ask = (question: Question): Promise<Answer> => {
    switch (question.kind) {
      case 'add-endpoint':
      case 'remove-endpoint':
        return supervisor.change(question);
      case 'traffic':
        return trafficOf(supervisor, question);
      default:
        return supervisor.ask(question);
    }
  };
  const telemetry = NodeTelemetry.of({
    ...{ current, environment, node, ask, clock, log },
    release: manifest.version,
    phase: () => status.phase,
    processes: () => supervisor.metrics(),
  });
  const departure = new Departure(clock);
  const leave = (): number | undefined => {
    if (status.phase === 'starting') return undefined;
    if (departure.begin(current.config.shutdown.delay)) {
      reloader.stop();
      status.isLeaving = true;
      supervisor.leave();
    }
    return departure.remainingMs;
  };
  const steering = { ask, leave, clock, metrics: telemetry };
  const admin = adminListenerOf(current, status, reloader, steering);
  await admin?.open().catch((error: unknown) => {
    throw cannotListen('admin', current.config.admin!.listen, error);
  });
  await telemetry?.open();
  crew.begin();
  const isServing = await Promise.race([crew.hasServed.then(() => true), crew.ended.then(() => false)]);
  if (!isServing) return undefined;
  reloader.start();
  return {
    reload: (trigger) => reloader.reload(trigger),
    upgrade: () => crew.upgrade(),
    async shutdown() {
      reloader.stop();
      status.isLeaving = true;
      crew.stop();
      await crew.ended;
      await telemetry?.close();
      await admin?.close();
    },
    abort: () => crew.abort(),
  };
}

const sizeOf = ({ workers }: Config): number =>
  workers === 'auto' ? availableParallelism() : (workers ?? 1);

/** What has passed through any of the workers; one of another release may tell nothing. */
async function trafficOf(supervisor: Supervisor, question: QuestionOf<'traffic'>): Promise<Answer> {
  const answers = await supervisor.askAll(question);
  const pages = answers.flatMap((answer) => trafficPage.safeParse(answer).data ?? []);
  return told(jointPage(pages, question.after));
}

/** A preparation that has `committed` called when it is taken on. */
function following(preparation: Preparation, committed: () => void): Preparation {
  if (preparation.kind === 'refused') return preparation;
  const commit = async (): Promise<void> => {
    await preparation.commit();
    committed();
  };
  return { ...preparation, commit };
}
