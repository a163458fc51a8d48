import { join } from 'node:path';
import { runOwnGenerator } from './generator.ts';
import type { PlacedLoadResult } from './load-entry.ts';
import type { WarmSession } from './sessions.ts';

/** What `generators/websocket.ts` is started with. */
export interface WebSocketSettings {
  readonly port: number;
  /** One for each connection. */
  readonly sessions: readonly WarmSession[];
  readonly seconds: number;
  readonly messageBytes: number;
}

/** Where the load goes, and whose sessions it takes. */
export interface WebSocketEntrant {
  readonly setup: { readonly directory: string; readonly port: number };
  readonly sessions: readonly WarmSession[];
}

/** Messages of one size on so many connections at once, each of a session of its own. */
export interface WebSocketLoad {
  readonly cores: string;
  readonly connections: number;
  readonly seconds: number;
  readonly messageBytes: number;
}

/** Sends messages through established tunnels, on each the next one when the last one has come back. */
export function applyMessages(
  { setup, sessions }: WebSocketEntrant,
  { cores, connections, seconds, messageBytes }: WebSocketLoad,
): Promise<PlacedLoadResult> {
  const settings: WebSocketSettings = {
    port: setup.port,
    sessions: sessions.slice(0, connections),
    seconds,
    messageBytes,
  };
  const outputFile = join(setup.directory, 'websocket.log');
  return runOwnGenerator({ name: 'websocket', settings, cores, outputFile });
}
