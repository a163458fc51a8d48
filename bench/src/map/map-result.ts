import type { Effort } from './effort.ts';

/** What `map-node.ts` is started with. */
export interface MapNodeSettings {
  readonly port: number;
  readonly redisPid: number;
  readonly sessions: number;
  /** Operations under way at a time. */
  readonly lanes: number;
  readonly rounds: number;
  readonly seconds: number;
}

/** What Redis holds when it has so many sessions. */
export interface MemoryReading {
  readonly sessions: number;
  readonly bytesPerSession: number;
}

/** What a look through the whole map took, and what others saw of it. */
export interface Survey {
  readonly what: string;
  readonly effort: Effort;
  /** The longest script, by Redis' own watch. */
  readonly longestScriptMs: number;
  /** The longest that a bystander waited. */
  readonly longestWaitMs: number;
}

/** The operations that are measured in every round. */
export const OPERATIONS = [
  'find',
  'touch',
  'succeed',
  'repin',
  'repin heard',
  'count',
  'member round',
] as const;
export type Operation = (typeof OPERATIONS)[number];

/** Connections that hear all re-pins of the operation `repin heard`. */
export const AUDIENCE = 20;

/** Nodes of the operation `member round`, in which one of them beats and looks at all. */
export const MEMBERS = 100;

/** What a node saw of a map. */
export interface MapResult {
  readonly readings: readonly MemoryReading[];
  /** The memory of the process of Redis, as the system counts it. */
  readonly processBytesPerSession: number;
  readonly fill: readonly Effort[];
  /** One effort for each round. */
  readonly operations: Readonly<Record<Operation, readonly Effort[]>>;
  readonly hearing: readonly Effort[];
  readonly surveys: readonly Survey[];
  /** For the sessions of one endpoint among all. */
  readonly search: Survey;
  readonly nearCacheBytesPerEntry: number;
}
