import { z } from 'zod';
import { changeFields, configChangesSchema } from '../node/config-changes.ts';
import type { ReloadOutcome } from '../node/current-config.ts';
import { findAdmin } from './admin-address.ts';
import { AdminClient, type AskOptions } from './admin-client.ts';
import { EXIT, type ExitCode, type Terminal } from './terminal.ts';

/** What `holdfast reload` is told. */
export type ReloadOptions = AskOptions;

/** Opening sockets and reading certificates takes no time worth waiting for; a node that is stuck is. */
const ANSWER_TIMEOUT_MS = 30_000;

/** What a node tells of a reload. */
const reloadOutcome = z.discriminatedUnion('outcome', [
  z.object({ outcome: z.literal('applied'), changes: configChangesSchema }),
  z.object({
    outcome: z.literal('refused'),
    cause: z.enum(['configuration', 'system']),
    problems: z.array(z.string()),
  }),
]) satisfies z.ZodType<ReloadOutcome>;

/** Has a running node read its configuration file again, and says what came of it. */
export async function reload(options: ReloadOptions, terminal: Terminal): Promise<ExitCode> {
  const admin = await findAdmin(options, terminal);
  if (admin === undefined) return EXIT.usage;
  const answer = await new AdminClient(admin, terminal).ask({
    method: 'POST',
    path: '/reload',
    answer: reloadOutcome,
    alsoAnswers: [422, 503],
    timeoutMs: ANSWER_TIMEOUT_MS,
  });
  if (answer === undefined) return EXIT.failure;
  return tell(answer.value, options.json === true ? answer.text : undefined, terminal);
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
