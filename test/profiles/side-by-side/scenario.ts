import type { ClientRequest } from '../../support/http-client.ts';
import type { ConfigPart } from '../../support/node-config.ts';
import type { Original } from '../../support/originals/original.ts';
import type { Identity } from './cast.ts';
import type { Step } from './steps.ts';

/**
 * What happens to the endpoints meanwhile, the same for all scenarios: all serve; s3 drains; s1 is dead; s1 serves again.
 * Scenarios in which nobody asks while s3 drains have it serve all the time.
 */
export const PHASES = ['all serve', 's3 drains', 's1 is dead', 's1 is back'] as const;
export type Phase = (typeof PHASES)[number];

/** What clients do in each phase. */
export type Script = Readonly<Partial<Record<Phase, readonly Step[]>>>;

/** A way of being sticky, in the words of the original and in those of Holdfast, and what clients make of it. */
export interface Scenario {
  readonly original: Original;
  /** Of letters and hyphens, as it is also a host and a pool. */
  readonly name: string;
  /** Lines of the original's configuration. */
  readonly theirs: readonly string[];
  /** Values of the pool. */
  readonly ours: ConfigPart;
  /** What an endpoint is called in cookies. Default: nothing is, and endpoints have no label. */
  readonly labelOf?: (endpoint: { readonly label: string; readonly port: number }) => string;
  /** Default: clients differ in nothing but their cookies. */
  readonly identityOf?: (number: number) => Identity;
  /** Whether endpoints are looked at without a request, by both. Default: for HAProxy. */
  readonly isChecked?: boolean;
  /** Whether the cookies of one of both are those of the other. */
  readonly isInterchangeable?: boolean;
  /** The request whose answer sets the cookie. Default: any. */
  readonly issuing?: ClientRequest;
  readonly script: Script;
}

/** By which its clients choose it. */
export const hostOf = ({ name }: Scenario): string => `${name}.test`;

export const isChecked = ({ original, isChecked: wanted }: Scenario): boolean =>
  wanted ?? original.name === 'HAProxy';
