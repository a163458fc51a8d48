import type { EndpointId } from '@holdfast/shared';
import type { Drain, DrainResult, Drains } from '../drains.ts';
import type { RedisKeys } from './keys.ts';
import { arrayOf, pairsOf, unexpectedReply } from './replies.ts';
import type { ScriptRunner } from './script-runner.ts';

/** As `<since> <deadline>` in milliseconds since the epoch, with `-` where there is no deadline. */
const DRAIN = /^(\d{1,15}) (\d{1,15}|-)$/;

/** The drains of a cluster: one hash, since there are never more than endpoints. */
export class RedisDrains implements Drains {
  readonly #scripts: ScriptRunner;
  readonly #keys: RedisKeys;

  constructor(scripts: ScriptRunner, keys: RedisKeys) {
    this.#scripts = scripts;
    this.#keys = keys;
  }

  async list(): Promise<readonly Drain[]> {
    const reply = arrayOf(await this.#scripts.runOnKey('drains', this.#keys.drains), 'drains');
    const drains = pairsOf(reply).flatMap(([id, value]) => decodeDrain(id as EndpointId, value) ?? []);
    return drains.sort((a, b) => (a.endpoint < b.endpoint ? -1 : 1));
  }

  async change(
    endpoint: EndpointId,
    expected: Drain | undefined,
    next: Drain | undefined,
  ): Promise<DrainResult> {
    const args = [endpoint, encodeDrain(expected), encodeDrain(next)];
    const reply = await this.#scripts.runOnKey('drain', this.#keys.drains, ...args);
    const [kind, value] = arrayOf(reply, 'drain');
    if (kind === 'changed') return { kind };
    if (kind === 'lost') return { kind, drain: decodeDrain(endpoint, value) };
    throw unexpectedReply('drain', kind);
  }
}

/** Empty for no drain. */
const encodeDrain = (drain: Drain | undefined): string =>
  drain === undefined ? '' : `${drain.sinceMs} ${drain.deadlineMs ?? '-'}`;

/** Undefined where there is none, or one that cannot be read. */
function decodeDrain(endpoint: EndpointId, value: unknown): Drain | undefined {
  const [, since, deadline] = DRAIN.exec(String(value)) ?? [];
  if (since === undefined) return undefined;
  const sinceMs = Number(since);
  return deadline === '-' ? { endpoint, sinceMs } : { endpoint, sinceMs, deadlineMs: Number(deadline) };
}
