import { HEARTBEAT_INTERVAL_MS, SILENCE_MS } from './link.ts';

/** Older ones say nothing any more. */
const UNDER_WAY_MAX = SILENCE_MS / HEARTBEAT_INTERVAL_MS;

/**
 * The heartbeats that are on their way. Each is sent through every primary, since news comes from all of them, and
 * counts once it has come through the last: a Redis Cluster may pass on what one node says and lose what another does.
 */
export class Heartbeats {
  readonly #copiesToCome = new Map<string, number>();
  #sent = 0;

  /** The text of the next heartbeat, of which `copies` are sent. */
  next(copies: number): string {
    this.#sent += 1;
    const text = String(this.#sent);
    if (copies > 0) this.#copiesToCome.set(text, copies);
    this.#copiesToCome.delete(String(this.#sent - UNDER_WAY_MAX));
    return text;
  }

  /** Whether a message is the last copy of a heartbeat. */
  isComplete(message: string): boolean {
    const toCome = this.#copiesToCome.get(message);
    if (toCome === undefined) return false;
    if (toCome > 1) this.#copiesToCome.set(message, toCome - 1);
    else this.#copiesToCome.delete(message);
    return toCome === 1;
  }
}
