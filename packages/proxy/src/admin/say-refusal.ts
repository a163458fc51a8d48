import type { ErrorCode } from '@holdfast/shared';
import type { Context } from 'hono';
import type { Refusal } from './answer.ts';

/** Words a refusal, with the status that its code has at the admin listener. */
export const sayRefusal = (context: Context, { code, message }: Refusal): Response =>
  context.json({ error: { code, message } }, statusOf(code));

/** The status of a refusal at the admin listener. */
export function statusOf(code: ErrorCode): 400 | 401 | 403 | 404 | 412 | 500 | 503 {
  switch (code) {
    case 'DOWNSTREAM_BAD_REQUEST':
      return 400;
    case 'DOWNSTREAM_UNAUTHORIZED':
      return 401;
    case 'DOWNSTREAM_FORBIDDEN':
      return 403;
    case 'DOWNSTREAM_NOT_FOUND':
      return 404;
    case 'DOWNSTREAM_PRECONDITION_FAILED':
      return 412;
    case 'INTERNAL':
      return 500;
    default:
      return 503;
  }
}
