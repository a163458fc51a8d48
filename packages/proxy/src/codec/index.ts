/**
 * The HTTP/1.1 codec: strict (RFC 9110, RFC 9112), incremental and pure. It takes bytes and answers values; it opens
 * nothing, waits for nothing and throws nothing at what a peer may send.
 *
 * A connection has a parser for heads and a decoder for bodies, and uses them for one message after the other:
 *
 * ```ts
 * switch (head.feed(piece, at, end)) {
 *   case 'partial':  wait for more
 *   case 'rejected': answer rejectionStatus(head.rejection), close
 *   case 'complete': body.begin(requestFraming(head), head.contentLength); step on from head.next
 * }
 * ```
 *
 * Ownership. Pieces belong to the caller and may be reused when a call returns: an unfinished head is copied, body
 * data is only pointed at. What parser and decoder hold is overwritten by the next message. Strings and lists taken from
 * them are the caller's; a short string cut from a head may keep the whole head in memory, so what outlives the
 * request (a map's key, say) should be derived from it rather than be it.
 *
 * Passing a message on needs no list of its fields:
 *
 * ```ts
 * requestLine(head.method, head.target) + head.fields.copy(HOP_BY_HOP) + ourFields + HEAD_END
 * ```
 */
export { BodyDecoder, type BodyStep } from './body-decoder.ts';
export { type BodyFraming, requestFraming, responseFraming } from './body-framing.ts';
export {
  FieldKind,
  type FieldKindName,
  type FieldSet,
  fieldName,
  fieldSet,
  isInFieldSet,
} from './field-kind.ts';
export type { FieldSection } from './field-section.ts';
export type { HeadState } from './head-parser.ts';
export { defaultHeadLimits, type HeadLimits } from './limits.ts';
export * from './message-writer.ts';
export {
  type RejectionReason,
  type RejectionStatus,
  rejectionReasons,
  rejectionRule,
  rejectionStatus,
} from './rejection.ts';
export { RequestHeadParser } from './request-head.ts';
export { ResponseHeadParser } from './response-head.ts';
export { TrailerParser } from './trailer-section.ts';
