import { FieldKind, type FieldSection, fieldLine } from '../codec/index.ts';
import { readTraceState } from './trace-state.ts';

/** Which trace a request belongs to, and below which of its spans: W3C Trace Context, as it is sent from one to the next. */
export interface TraceContext {
  /** 32 hexadecimal digits, in lower case, not all of them 0. */
  readonly traceId: string;
  /** The span that the next one is below: 16 hexadecimal digits, in lower case, not all of them 0. */
  readonly parentId: string;
  /** The bits {@link SAMPLED} and {@link RANDOM}. */
  readonly flags: number;
  /** What vendors have said beside it, for each other; `''` where there is nothing. */
  readonly state: string;
}

/** Whoever sent it has recorded the trace. */
export const SAMPLED = 0b01;
/** The trace id is random, which is said of it for as long as it lives (Trace Context level 2). */
export const RANDOM = 0b10;

/** The version, both ids, the flags, and what a later version may have added to them. */
const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const ZEROS = /^0+$/;

/** What a `traceparent` says (section 3.2); undefined if it breaks a rule, and is to be taken for none. */
export function readTraceparent(text: string): Omit<TraceContext, 'state'> | undefined {
  const parts = TRACEPARENT.exec(text);
  if (parts === null) return undefined;
  const [, version, traceId = '', parentId = '', flags = '', rest] = parts;
  if (version === 'ff' || (version === '00' && rest !== undefined)) return undefined;
  if (ZEROS.test(traceId) || ZEROS.test(parentId)) return undefined;
  return { traceId, parentId, flags: Number.parseInt(flags, 16) & (SAMPLED | RANDOM) };
}

/** The trace context of a request. Undefined where it has none, or none that can be read, or more than one. */
export function contextOf(fields: FieldSection): TraceContext | undefined {
  const at = fields.indexOf(FieldKind.traceparent);
  if (at < 0 || fields.indexOf(FieldKind.traceparent, at + 1) >= 0) return undefined;
  const parent = readTraceparent(fields.value(at));
  return parent && { ...parent, state: stateOf(fields) };
}

function stateOf(fields: FieldSection): string {
  const values: string[] = [];
  let at = fields.indexOf(FieldKind.tracestate);
  for (; at >= 0; at = fields.indexOf(FieldKind.tracestate, at + 1)) values.push(fields.value(at));
  return values.length === 0 ? '' : readTraceState(values.join(','));
}

/** The field lines by which the next one is told. */
export const contextLines = ({ traceId, parentId, flags, state }: TraceContext): string =>
  `traceparent: 00-${traceId}-${parentId}-0${flags}\r\n${state === '' ? '' : fieldLine('tracestate', state)}`;
