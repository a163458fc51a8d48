import type { LabelCookieConfig } from '@holdfast/shared/config';
import type { LabelVisit, LabelWent } from './label-visit.ts';

/** What is known when a response begins. */
export interface LabelSituation {
  readonly config: Pick<LabelCookieConfig, 'mode' | 'hidden' | 'preserve' | 'postOnly'>;
  readonly visit: Pick<LabelVisit, 'isDirect' | 'isPost' | 'isIgnored'>;
  /** Whether the endpoint that answers has a label. */
  readonly isLabelled: boolean;
  /** Whether the endpoint sets the cookie itself. */
  readonly isProvided: boolean;
  /** Whether the client's cookie needs other dates, or is to be set with every response. */
  readonly isDue: boolean;
}

/** What becomes of the cookie that the endpoint sets, and which one is set beside that. */
export interface LabelAnswer {
  readonly provided: 'passed' | 'dropped' | 'rewritten' | 'prefixed';
  /** `deletion`: the client is at an endpoint that nobody can name, and is to name none. */
  readonly inserted: 'label' | 'deletion' | undefined;
  readonly went: LabelWent;
}

/** The decision about the cookie of a response; its table is the spec, after HAProxy's of the same options. */
export function labelAnswer(situation: LabelSituation): LabelAnswer {
  const { visit, isLabelled } = situation;
  const [provided, left] = ofProvided(situation);
  if (!isInserted(situation)) return { provided, inserted: undefined, went: left };
  const inserted = isLabelled ? 'label' : 'deletion';
  return { provided, inserted, went: isLabelled && visit.isDirect ? 'U' : 'I' };
}

function ofProvided({
  config: { mode, hidden, preserve },
  visit,
  isLabelled,
  isProvided,
}: LabelSituation): readonly [LabelAnswer['provided'], LabelWent] {
  if (!isProvided) return ['passed', 'N'];
  if (preserve) return ['passed', 'P'];
  if (mode === 'insert' || (hidden && visit.isDirect)) return ['dropped', 'D'];
  if (isLabelled && mode === 'rewrite') return ['rewritten', 'R'];
  if (isLabelled && mode === 'prefix') return ['prefixed', 'R'];
  return ['passed', 'P'];
}

function isInserted({ config, visit, isProvided, isDue }: LabelSituation): boolean {
  const { mode, preserve, postOnly } = config;
  if (mode !== 'insert' || visit.isIgnored) return false;
  if (isProvided && preserve) return false;
  if (postOnly && !visit.isPost) return false;
  return !visit.isDirect || isDue;
}
