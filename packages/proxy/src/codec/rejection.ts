/**
 * Why a message is not passed on: the closed list, with the status that the client gets when the message is a request
 * and the rule that it breaks. A response that is rejected for any reason is answered with 502 instead
 * (RFC 9110 section 15.6.3).
 */
const REJECTIONS = {
  'bad-method': { status: 400, rule: 'RFC 9112 section 3.1' },
  // 501 and not 405: the method is known to be supported for no resource at all, and 405 would owe an Allow field.
  'unsupported-method': { status: 501, rule: 'RFC 9110 sections 9.1, 9.3.6 and 15.6.2' },
  'bad-target': { status: 400, rule: 'RFC 9112 section 3.2' },
  'target-too-long': { status: 414, rule: 'RFC 9112 section 3' },
  'bad-authority': { status: 400, rule: 'RFC 9112 section 3.2.2, RFC 9110 section 4.2.4' },
  'bad-request-line': { status: 400, rule: 'RFC 9112 section 3' },
  'unsupported-version': { status: 505, rule: 'RFC 9110 section 15.6.6' },
  'http2-preface': { status: 505, rule: 'RFC 9113 section 3.4' },
  'bad-status-line': { status: 400, rule: 'RFC 9112 section 4' },
  'bad-status': { status: 400, rule: 'RFC 9110 section 15' },

  'bare-cr': { status: 400, rule: 'RFC 9112 section 2.2' },
  'bare-lf': { status: 400, rule: 'RFC 9112 section 2.2' },
  'folded-line': { status: 400, rule: 'RFC 9112 sections 2.2 and 5.2' },
  'empty-name': { status: 400, rule: 'RFC 9110 section 5.1' },
  'bad-name': { status: 400, rule: 'RFC 9110 section 5.1' },
  'space-before-colon': { status: 400, rule: 'RFC 9112 section 5.1' },
  'bad-value': { status: 400, rule: 'RFC 9110 section 5.5' },
  'fields-too-large': { status: 431, rule: 'RFC 6585 section 5' },
  'too-many-fields': { status: 431, rule: 'RFC 6585 section 5' },

  'missing-host': { status: 400, rule: 'RFC 9112 section 3.2' },
  'duplicate-host': { status: 400, rule: 'RFC 9112 section 3.2' },
  'bad-host': { status: 400, rule: 'RFC 9112 section 3.2, RFC 9110 section 7.2' },
  'bad-connection': { status: 400, rule: 'RFC 9110 section 7.6.1' },
  'bad-content-length': { status: 400, rule: 'RFC 9112 section 6.3, RFC 9110 section 8.6' },
  'duplicate-content-length': { status: 400, rule: 'RFC 9112 section 6.3, RFC 9110 section 8.6' },
  'bad-transfer-encoding': { status: 400, rule: 'RFC 9112 sections 6.1 and 6.3' },
  'length-and-chunked': { status: 400, rule: 'RFC 9112 section 6.3' },
  'chunked-in-http-1.0': { status: 400, rule: 'RFC 9112 section 6.1' },

  'bad-chunk-size': { status: 400, rule: 'RFC 9112 section 7.1' },
  'bad-chunk-extension': { status: 400, rule: 'RFC 9112 section 7.1.1' },
  'chunk-extensions-too-large': { status: 400, rule: 'RFC 9112 section 7.1.1' },
  'bad-chunk-end': { status: 400, rule: 'RFC 9112 section 7.1' },
  'body-too-large': { status: 413, rule: 'RFC 9110 section 15.5.14' },

  // The codec has no clock: whoever feeds it says so when a head stays incomplete for too long.
  'head-timeout': { status: 408, rule: 'RFC 9110 section 15.5.9' },
} as const satisfies Record<string, { readonly status: number; readonly rule: string }>;

/** The name of a broken rule, stable across releases; for logs and metrics. */
export type RejectionReason = keyof typeof REJECTIONS;

/** The status that a rejected request is answered with, before its connection is closed. */
export type RejectionStatus = (typeof REJECTIONS)[RejectionReason]['status'];

/** All reasons, for documentation and tests. */
export const rejectionReasons = Object.keys(REJECTIONS) as readonly RejectionReason[];

/** How a request with this flaw is answered. */
export const rejectionStatus = (reason: RejectionReason): RejectionStatus => REJECTIONS[reason].status;

/** Where the broken rule is written. */
export const rejectionRule = (reason: RejectionReason): string => REJECTIONS[reason].rule;
