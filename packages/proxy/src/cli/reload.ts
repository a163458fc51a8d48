import { changeFields } from '../node/config-changes.ts';
import type { ReloadOutcome } from '../node/current-config.ts';
import { type AdminAddress, type AdminOptions, findAdmin, unreachableBecause } from './admin-address.ts';
import { EXIT, type ExitCode, type Terminal } from './terminal.ts';

/** What `holdfast reload` is told. */
export interface ReloadOptions extends AdminOptions {
  readonly json?: boolean;
}

/** Opening sockets and reading certificates takes no time worth waiting for; a node that is stuck is. */
const ANSWER_TIMEOUT_MS = 30_000;

/** Has a running node read its configuration file again, and says what came of it. */
export async function reload(options: ReloadOptions, terminal: Terminal): Promise<ExitCode> {
  const admin = await findAdmin(options, terminal);
  if (admin === undefined) return EXIT.usage;
  const url = new URL('/reload', admin.url);
  try {
    const response = await ask(url, admin);
    const text = await response.text();
    const outcome = readOutcome(text);
    if (outcome === undefined) {
      terminal.complain(`holdfast: not reloaded: ${url} answered ${response.status}: ${text.trim()}`);
      return EXIT.failure;
    }
    return tell(outcome, options.json === true ? text : undefined, terminal);
  } catch (error) {
    terminal.complain(`holdfast: not reloaded: ${url} did not answer: ${unreachableBecause(error)}`);
    return EXIT.failure;
  }
}

const ask = (url: URL, { token }: AdminAddress): Promise<Response> =>
  fetch(url, {
    method: 'POST',
    headers: token === '' ? {} : { authorization: `Bearer ${token}` },
    redirect: 'manual',
    signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
  });

/** What a node tells of a reload; undefined for any other answer. */
function readOutcome(text: string): ReloadOutcome | undefined {
  try {
    const answer: ReloadOutcome = JSON.parse(text);
    return answer.outcome === undefined ? undefined : answer;
  } catch {
    return undefined;
  }
}

function tell(outcome: ReloadOutcome, json: string | undefined, terminal: Terminal): ExitCode {
  if (json !== undefined) terminal.print(json);
  if (outcome.outcome === 'applied') {
    if (json === undefined) terminal.print(changeLines(outcome).join('\n'));
    return EXIT.ok;
  }
  if (json === undefined) {
    for (const problem of outcome.problems) terminal.complain(problem);
    terminal.complain('holdfast: not reloaded: the configuration before stays in force');
  }
  return outcome.cause === 'configuration' ? EXIT.usage : EXIT.failure;
}

function changeLines({ changes }: Extract<ReloadOutcome, { outcome: 'applied' }>): readonly string[] {
  const fields = Object.entries(changeFields(changes));
  if (fields.length === 0) return ['reloaded: nothing has changed'];
  return ['reloaded', ...fields.map(([what, names]) => `  ${what.replace('_', ' ')}: ${names}`)];
}
