import type { Hono } from 'hono';
import type { Operations } from './admin-app.ts';
import { type Answer, refused } from './answer.ts';
import { API, sessionView } from './api.ts';
import { type Reply, serve } from './api-operation.ts';

/** What operators ask of sessions. */
export function serveSessions(app: Hono, { ask }: Operations): void {
  serve(app, API.listSessions, ({ query }) => ask({ kind: 'list-sessions', ...query }));
  serve(app, API.getSession, async ({ params }) =>
    tagged(await ask({ kind: 'get-session', key: keyOf(params) })),
  );
  serve(app, API.moveSession, ({ params, body, ifMatch }) =>
    ofVersion(ifMatch, async (version) =>
      tagged(await ask({ kind: 'move-session', key: keyOf(params), to: body.to, version })),
    ),
  );
  serve(app, API.unpinSession, ({ params, ifMatch }) =>
    ofVersion(ifMatch, async (version) => ask({ kind: 'unpin-session', key: keyOf(params), version })),
  );
  serve(app, API.explain, ({ body: { host, headers, ...request } }) =>
    ask({ kind: 'explain', ...request, headers: [['Host', host], ...headers] }),
  );
  serve(app, API.explainSession, ({ params }) => ask({ kind: 'explain-session', key: keyOf(params) }));
}

const keyOf = ({ key }: Readonly<Record<string, string>>): string => key ?? '';

/** The tag of a session is the version of its pin. */
function tagged(answer: Answer): Reply {
  const version = answer.kind === 'told' ? sessionView.safeParse(answer.value).data?.version : undefined;
  return answer.kind === 'refused' || version === undefined ? answer : { ...answer, tag: String(version) };
}

async function ofVersion(
  tag: string | undefined,
  work: (version: number | undefined) => Promise<Reply>,
): Promise<Reply> {
  if (tag === undefined) return work(undefined);
  if (/^[1-9]\d{0,14}$/.test(tag)) return work(Number(tag));
  return refused(
    'DOWNSTREAM_PRECONDITION_FAILED',
    `no session has the tag "${tag}": GET answers with the one it has`,
  );
}
