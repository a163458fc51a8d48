import type { z } from 'zod';
import { type AdminAddress, type AdminOptions, findAdmin, unreachableBecause } from './admin-address.ts';
import { EXIT, type ExitCode, type Terminal } from './terminal.ts';

/** What a command that asks a running node is told. */
export interface AskOptions extends AdminOptions {
  readonly json?: boolean;
}

/** One question to the admin listener. */
export interface AdminRequest<Answer extends z.ZodType> {
  readonly method?: 'GET' | 'PUT' | 'POST' | 'DELETE';
  readonly path: string;
  readonly body?: object;
  /** What a success looks like. */
  readonly answer: Answer;
  /** Statuses of answers that look so too, beside 200. */
  readonly alsoAnswers?: readonly number[];
  readonly timeoutMs?: number;
}

const ANSWER_TIMEOUT_MS = 15_000;

/** What was answered, and as which text. */
export interface AdminAnswer<Value> {
  readonly value: Value;
  readonly text: string;
}

/** The way to the admin listener of a node. */
export class AdminClient {
  readonly #address: AdminAddress;
  readonly #terminal: Terminal;

  constructor(address: AdminAddress, terminal: Terminal) {
    this.#address = address;
    this.#terminal = terminal;
  }

  /** What the node answers; or says what is wrong, and answers undefined. */
  async ask<Answer extends z.ZodType>(
    request: AdminRequest<Answer>,
  ): Promise<AdminAnswer<z.output<Answer>> | undefined> {
    const url = new URL(request.path, this.#address.url);
    try {
      const response = await this.#fetch(url, request);
      const text = await response.text();
      const isAnswer = response.ok || request.alsoAnswers?.includes(response.status) === true;
      const read = isAnswer ? request.answer.safeParse(parseJson(text)) : undefined;
      if (read?.success === true) return { value: read.data, text };
      this.#terminal.complain(`holdfast: ${url} answered ${response.status}: ${reasonOf(text)}`);
    } catch (error) {
      this.#terminal.complain(`holdfast: ${url} did not answer: ${unreachableBecause(error)}`);
    }
    return undefined;
  }

  #fetch(
    url: URL,
    { method = 'GET', body, timeoutMs = ANSWER_TIMEOUT_MS }: AdminRequest<z.ZodType>,
  ): Promise<Response> {
    const { token } = this.#address;
    return fetch(url, {
      method,
      headers: token === '' ? {} : { authorization: `Bearer ${token}` },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    });
  }
}

/** Asks one question of the node that the options name, and prints the answer: as it came, or as `words` put it. */
export async function askAdmin<Answer extends z.ZodType>(
  options: AskOptions,
  terminal: Terminal,
  request: AdminRequest<Answer>,
  words: (value: z.output<Answer>) => string,
): Promise<ExitCode> {
  const address = await findAdmin(options, terminal);
  if (address === undefined) return EXIT.usage;
  const answer = await new AdminClient(address, terminal).ask(request);
  if (answer === undefined) return EXIT.failure;
  terminal.print(options.json === true ? answer.text : words(answer.value));
  return EXIT.ok;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What a refusal says; else the text itself. */
function reasonOf(text: string): string {
  const { error } = (parseJson(text) ?? {}) as { error?: { code?: unknown; message?: unknown } };
  return error === undefined ? text.trim() : `${error.message} (${error.code})`;
}
