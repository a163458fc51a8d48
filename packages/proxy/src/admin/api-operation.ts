import type { Context, Hono } from 'hono';
import type { z } from 'zod';
import { refuseWebPages } from './admin-guard.ts';
import { type Refusal, refused } from './answer.ts';
import { readBody } from './read-body.ts';
import { sayRefusal } from './say-refusal.ts';

/** One thing that can be asked of the admin listener: what serves it and what documents it. */
export interface ApiOperation<
  Query extends z.ZodObject = z.ZodObject,
  Body extends z.ZodObject = z.ZodObject,
> {
  readonly method: 'get' | 'put' | 'post' | 'delete';
  /** With `{name}` for what is one segment. */
  readonly path: string;
  /** What it does, in a few words. */
  readonly summary: string;
  readonly query: Query;
  readonly body: Body;
  /** What a success answers. */
  readonly answer: z.ZodType;
  readonly answerType: string;
  /** Whether the answer has an `ETag`, which `If-Match` of a change must then name if there is one. */
  readonly isTagged: boolean;
}

/** What has been asked. */
export interface Asked<Query extends z.ZodObject, Body extends z.ZodObject> {
  /** What the path's `{name}` stand for. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: z.output<Query>;
  readonly body: z.output<Body>;
  /** The state that the asker has seen and wants to change; undefined: whatever it is. */
  readonly ifMatch: string | undefined;
}

/** What is answered; `status` is 200 and there is no tag where nothing else is said. */
export type Reply =
  | { readonly kind: 'told'; readonly value: unknown; readonly status?: 200 | 503; readonly tag?: string }
  | Refusal;

/** Serves an operation: checks what is asked by the schemas, and words what is answered. */
export function serve<Query extends z.ZodObject, Body extends z.ZodObject>(
  app: Hono,
  operation: ApiOperation<Query, Body>,
  handle: (asked: Asked<Query, Body>) => Promise<Reply>,
): void {
  const path = operation.path.replaceAll(/\{(\w+)\}/g, ':$1');
  const guards = operation.method === 'get' ? [] : [refuseWebPages];
  app.on(operation.method.toUpperCase(), [path], ...guards, async (context: Context) => {
    const query = operation.query.safeParse(context.req.query());
    if (!query.success) return say(context, invalid('query', query.error));
    const body = operation.body.safeParse(await readJson(context.req.raw));
    if (!body.success) return say(context, invalid('body', body.error));
    const ifMatch = readTag(context.req.header('if-match'));
    return say(
      context,
      await handle({ params: context.req.param(), query: query.data, body: body.data, ifMatch }),
    );
  });
}

function say(context: Context, reply: Reply): Response {
  if (reply.kind === 'refused') return sayRefusal(context, reply);
  if (reply.tag !== undefined) context.header('ETag', `"${reply.tag}"`);
  return context.json(reply.value, reply.status ?? 200);
}

/** An entity tag without its quotes (RFC 9110 section 8.8.3); `*` is whatever there is. */
const readTag = (field: string | undefined): string | undefined =>
  field === undefined || field === '*' ? undefined : field.replace(/^"(.*)"$/, '$1');

/** Undefined, which no schema takes, where it is no JSON or longer than anything sensible; no body is an empty one. */
async function readJson(request: Request): Promise<unknown> {
  const body = await readBody(request);
  try {
    return body === '' ? {} : JSON.parse(body ?? '');
  } catch {
    return undefined;
  }
}

function invalid(where: string, { issues }: z.ZodError): Refusal {
  const problems = issues.map(({ path, message }) => `${path.join('.') || where}: ${message}`);
  return refused('DOWNSTREAM_BAD_REQUEST', `the ${where} is not as expected: ${problems.join('; ')}`);
}
