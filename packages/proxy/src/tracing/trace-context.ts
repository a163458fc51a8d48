import { FieldKind, type FieldSection, fieldLine } from '../codec/index.ts';
import { readTraceState } from './trace-state.ts';

/** Which trace a request belongs to, and below which of its spans (W3C Trace Context section 3.2). */
export interface TraceParent {
  /** 32 hexadecimal digits, in lower case, not all of them 0. */
  readonly traceId: string;
  /** The span that the next one is below: 16 hexadecimal digits, in lower case, not all of them 0. */
  readonly parentId: string;
  /** The bits {@link SAMPLED} and {@link RANDOM}. */
  readonly flags: number;
}

/** All that is sent of a trace from one to the next. */
export interface TraceContext extends TraceParent {
  /** What vendors have said beside it, for each other; `''` where there is nothing. */
  readonly state: string;
}

/** Whoever sent it has recorded the trace. */
export const SAMPLED = 0b01;
/** The trace id is random, which is said of it for as long as it lives (Trace Context level 2). */
export const RANDOM = 0b10;

/** The version, both ids, the flags, and what a later version may have added to them. */
const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}(?:-|$)/;
const LENGTH = 55;
const NO_TRACE = '0'.repeat(32);
const NO_SPAN = '0'.repeat(16);

/** What a `traceparent` says; undefined if it breaks a rule, and is to be taken for none. */
export function readTraceparent(text: string): TraceParent | undefined {
  if (!TRACEPARENT.test(text) || text.startsWith('ff')) return undefined;
  if (text.length > LENGTH && text.startsWith('00')) return undefined;
  const traceId = text.slice(3, 35);
  const parentId = text.slice(36, 52);
  if (traceId === NO_TRACE || parentId === NO_SPAN) return undefined;
  return { traceId, parentId, flags: Number.parseInt(text.slice(53, LENGTH), 16) & (SAMPLED | RANDOM) };
}

/** What the request says of its trace. Undefined where it says nothing, nothing that can be read, or several things. */
export function parentOf(fields: FieldSection): TraceParent | undefined {
  const at = fields.indexOf(FieldKind.traceparent);
  if (at < 0 || fields.indexOf(FieldKind.traceparent, at + 1) >= 0) return undefined;
  return readTraceparent(fields.value(at));
}

/** What vendors have said beside that; `''` where there is nothing, or nothing that can be read. */
export function stateOf(fields: FieldSection): string {
  const first = fields.indexOf(FieldKind.tracestate);
  if (first < 0) return '';
  let text = fields.value(first);
  let at = fields.indexOf(FieldKind.tracestate, first + 1);
  for (; at >= 0; at = fields.indexOf(FieldKind.tracestate, at + 1)) text += `,${fields.value(at)}`;
  return readTraceState(text);
}

/** The field lines by which the next one is told. */
export const contextLines = ({ traceId, parentId, flags, state }: TraceContext): string =>
  `traceparent: 00-${traceId}-${parentId}-0${flags}\r\n${state === '' ? '' : fieldLine('tracestate', state)}`;
