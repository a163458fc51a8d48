import { type Agent, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { SERVED_BY } from '../endpoints/endpoints.ts';
import type { Origin } from '../machine/origin.ts';
import { BROWSER_HEADERS, HOST, TARGET } from './browser-request.ts';
import { framingOf, type RequestBody } from './traffic.ts';

/** What came back; of status 0 where no whole answer did. */
export interface Answer {
  readonly status: number;
  readonly bytes: number;
  readonly endpoint: string;
  readonly setCookies: readonly string[];
}

const DEADLINE_MS = 15_000;
const NO_ANSWER: Answer = { status: 0, bytes: 0, endpoint: '', setCookies: [] };

/** Asks once with a Cookie header, by POST where there is a body. Never rejects: no answer is an answer of status 0. */
export function askOnce(
  { port, secure }: Origin,
  agent: Agent,
  cookie: string,
  body?: RequestBody,
): Promise<Answer> {
  const request = secure ? requestHttps : requestHttp;
  return new Promise((resolve) => {
    const outgoing = request(
      {
        host: '127.0.0.1',
        port,
        path: TARGET,
        method: body === undefined ? 'GET' : 'POST',
        headers: { Host: HOST, ...BROWSER_HEADERS, ...framingOf(body), Cookie: cookie },
        agent,
        timeout: DEADLINE_MS,
        // The certificate of the bench has signed itself.
        rejectUnauthorized: false,
      },
      (response) => {
        let bytes = 0;
        response.on('data', (piece: Buffer) => {
          bytes += piece.length;
        });
        response.once('error', () => resolve(NO_ANSWER));
        response.once('end', () => resolve(answerOf(response, bytes)));
      },
    );
    outgoing.once('timeout', () => outgoing.destroy());
    outgoing.once('error', () => resolve(NO_ANSWER));
    outgoing.end(body && 'k'.repeat(body.bytes));
  });
}

const answerOf = ({ statusCode = 0, headers }: IncomingMessage, bytes: number): Answer => ({
  status: statusCode,
  bytes,
  endpoint: String(headers[SERVED_BY]),
  setCookies: headers['set-cookie'] ?? [],
});
