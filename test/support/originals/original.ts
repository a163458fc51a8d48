import { spawnSync } from 'node:child_process';
import { delimiter } from 'node:path';

/** A system whose stickiness a profile copies, as a program of this machine. */
export interface Original {
  readonly name: 'HAProxy' | 'nginx' | 'Caddy';
  readonly command: string;
  readonly versionArgs: readonly string[];
  /** The text of its configuration file. */
  configuration(setup: OriginalSetup): string;
  /** Has it run in the foreground by that file. */
  args(file: string, setup: OriginalSetup): readonly string[];
  /** Variables that keep it from writing elsewhere than into its folder. */
  env?(setup: OriginalSetup): Readonly<Record<string, string>>;
}

/** What an original is to be. */
export interface OriginalSetup {
  /** A folder of its own. */
  readonly dir: string;
  readonly port: number;
  readonly endpoints: readonly LabelledEndpoint[];
  readonly backends: readonly OriginalBackend[];
}

export interface LabelledEndpoint {
  /** `s1` and so on. */
  readonly label: string;
  readonly port: number;
}

/** One way to be sticky, which clients choose by the host of their requests. */
export interface OriginalBackend {
  readonly host: string;
  /** Lines of its configuration, in its own words. */
  readonly lines: readonly string[];
  /** Whether it looks after its endpoints without a request. Only HAProxy is asked for it. */
  readonly isChecked: boolean;
}

/** How often endpoints are looked at that are. */
export const CHECK_INTERVAL = '300ms';

/** Servers are installed where not every user looks for programs. */
export const PATH = `${process.env.PATH}${delimiter}/usr/sbin`;

/** The version that a program says it has; undefined where there is none of that name. */
export function versionOf({ command, versionArgs }: Original): string | undefined {
  const env = { ...process.env, PATH };
  const { error, stdout, stderr } = spawnSync(command, versionArgs, { encoding: 'utf8', env });
  return error === undefined ? /\d+\.\d+(?:\.\d+)?/.exec(`${stdout}${stderr}`)?.[0] : undefined;
}
