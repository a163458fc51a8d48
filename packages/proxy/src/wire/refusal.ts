import type { ErrorCode } from '@holdfast/shared';
import { fieldLine, HEAD_END, type RejectionReason, rejectionStatus, statusLine } from '../codec/index.ts';

const REASONS = {
  400: 'Bad Request',
  408: 'Request Timeout',
  413: 'Content Too Large',
  414: 'URI Too Long',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  505: 'HTTP Version Not Supported',
} as const;

/** Why a request is refused before, or while, it arrives: a rule that it breaks, or a fault of ours. */
export type RefusalReason = RejectionReason | 'internal';

/** A request that is refused by the connection itself, for logs and counters. */
export interface Refusal {
  readonly reason: RefusalReason;
  readonly status: number;
  readonly code: ErrorCode;
}

/** What a broken rule means: the status for the client, the code for everybody. */
export function refusalOf(reason: RefusalReason): Refusal {
  if (reason === 'internal') return { reason, status: 500, code: 'INTERNAL' };
  const status = rejectionStatus(reason);
  if (status === 408) return { reason, status, code: 'DOWNSTREAM_TIMEOUT' };
  return { reason, status, code: status === 413 ? 'DOWNSTREAM_BODY_TOO_LARGE' : 'DOWNSTREAM_BAD_REQUEST' };
}

const phraseOf = ({ status }: Refusal): string => REASONS[status as keyof typeof REASONS];

/** The body of the response to a refused request. */
export const refusalText = (refusal: Refusal, requestId: string): string =>
  `${refusal.status} ${phraseOf(refusal)}\n${refusal.reason}\ncode: ${refusal.code}\nrequest: ${requestId}\n`;

/** Its field lines, without those that say where the body ends. */
export const refusalFields = (requestId: string): string =>
  fieldLine('Content-Type', 'text/plain; charset=utf-8') +
  fieldLine('Cache-Control', 'no-store') +
  fieldLine('X-Request-Id', requestId);

/** The whole response to a refused request. Its connection is closed, as nobody knows where the next one would begin. */
export function refusalResponse(refusal: Refusal, requestId: string): string {
  const body = refusalText(refusal, requestId);
  return (
    statusLine(refusal.status, phraseOf(refusal)) +
    refusalFields(requestId) +
    fieldLine('Content-Length', String(body.length)) +
    fieldLine('Connection', 'close') +
    HEAD_END +
    body
  );
}
