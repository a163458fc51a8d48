import type { AffinitySource } from '@holdfast/shared';
import type { Endpoint } from '../pool/endpoint.ts';
import type { DatedLabel } from './dated-label.ts';

/** Where a request names its endpoint, and how. */
export interface LabelFinding extends DatedLabel {
  readonly source: AffinitySource;
}

/**
 * What became of a label that came, in HAProxy's letters: there was **N**one, it is of no endpoint (**I**nvalid), of one
 * that is **D**own, **V**alid, unused for too long (**E**xpired), too **O**ld, or **U**nused because a rule says so.
 */
export type LabelCame = 'N' | 'I' | 'D' | 'V' | 'E' | 'O' | 'U';

/**
 * What the response did with the cookie, likewise: **N**othing, it **I**nserted one, **U**pdated its date, left the one that
 * the endpoint **P**rovided, **R**ewrote or **D**eleted that; `-` where there is no such cookie.
 */
export type LabelWent = 'N' | 'I' | 'U' | 'P' | 'R' | 'D' | '-';

/** One request on its way by a label: what it brought, which stays, and what became of that. */
export class LabelVisit {
  /** In the order in which they count. */
  readonly findings: readonly LabelFinding[];
  /** The one of them that counts. */
  finding: LabelFinding | undefined;
  readonly isPost: boolean;
  /** Whether it goes to the endpoint that it names and to no other. */
  readonly isForced: boolean;
  /** Whether what it names counts for nothing. */
  readonly isIgnored: boolean;
  came: LabelCame = 'N';
  went: LabelWent = 'N';
  /** The endpoint that it names, down or not, where what it names counts. */
  named: Endpoint | undefined = undefined;
  /** Whether it goes where its label says. */
  isDirect = false;

  constructor(
    findings: readonly LabelFinding[],
    { isPost, isForced, isIgnored }: Pick<LabelVisit, 'isPost' | 'isForced' | 'isIgnored'>,
  ) {
    this.findings = findings;
    this.finding = findings[0];
    this.isPost = isPost;
    this.isForced = isForced;
    this.isIgnored = isIgnored;
  }

  /** Two letters for the access log: what came, and what went. */
  get flags(): string {
    return this.came + this.went;
  }
}
