import type { Endpoint } from '../endpoints/endpoints.ts';
import type { Certificate } from '../machine/certificate.ts';
import type { Origin } from '../machine/origin.ts';
import type { Program } from '../machine/programs.ts';
import type { StoreOperations } from './holdfast-status.ts';

/** What a contender is asked to be for one trial. */
export interface Setup {
  /** A directory of its own; what it writes there is deleted after the trial. */
  readonly directory: string;
  /** The loopback port that takes requests. */
  readonly port: number;
  /** A second loopback port, for who has an admin listener. */
  readonly adminPort: number;
  readonly endpoints: readonly Endpoint[];
  /** Whether it writes a line per request to a file. */
  readonly accessLog: boolean;
  /** Whether it carries bytes of TCP and reads no request. */
  readonly passesThrough?: boolean;
  /** What it shows to clients, with whom it then speaks TLS 1.3 and nothing else. Default: it speaks no TLS. */
  readonly certificate?: Certificate;
}

/** Where clients reach a contender. */
export const originOf = ({ port, certificate }: Setup): Origin => ({
  port,
  secure: certificate !== undefined,
});

/** How to start it: the files that it reads, by name in the setup's directory, and the command in the foreground. */
export interface Launch {
  readonly files: Readonly<Record<string, string>>;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** A proxy under test. A value: what starts, pins and measures it is the same code for all. */
export interface Contender {
  /** What `--contenders` calls it. */
  readonly name: string;
  /** What the report calls it. */
  readonly title: string;
  /** Programs that must be on the PATH. */
  readonly programs: readonly Program[];
  version(): string;
  /** Whether it cannot take part in cases with WebSockets. Default: it can. */
  readonly lacksWebSocket?: boolean;
  /** Whether it takes part in cases that pass bytes of TCP through. Default: it does not. */
  readonly passesThrough?: boolean;
  /** Its command line and files. Pure: nothing is started or written here. */
  launch(setup: Setup): Launch;
  /** How often its session map was asked since it started, where it has one. */
  storeOperations?(setup: Setup): Promise<StoreOperations>;
}

/** The name of the sticky cookie, the same for all so that requests have the same length but for its value. */
export const STICKY_COOKIE = '_srv_id';

/** How often those who check actively ask each endpoint. */
export const HEALTH_CHECK_SECONDS = 2;
