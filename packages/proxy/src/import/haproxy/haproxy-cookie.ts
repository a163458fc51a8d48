import type { Draft, WrittenAffinity } from '../draft.ts';
import { DAY_MS, RANGE_MS } from '../ranges.ts';
import { behind, type HaproxyLine } from './haproxy-lines.ts';
import { timeMs } from './haproxy-time.ts';

/** A `cookie` line without values for the servers: our own sealed cookie where HAProxy inserts one, else the application's. */
export function cookieAffinity(draft: Draft, line: HaproxyLine): WrittenAffinity {
  const [name = '', ...options] = line.args;
  if (options.includes('rewrite') || options.includes('prefix')) {
    const affinity: WrittenAffinity = { type: 'app-cookie', name };
    draft.remark(
      affinity,
      "The cookie is the application's: it is known from the response that sets it, and left as it is.",
    );
    return affinity;
  }
  noteOptions(draft, line, options);
  const affinity: WrittenAffinity = { type: 'cookie', name, ...lifetimesOf(draft, line) };
  const cookie = attributesOf(options);
  if (Object.keys(cookie).length > 0) Object.assign(affinity, { cookie });
  if (!options.includes('maxidle')) {
    draft.remark(
      affinity,
      'HAProxy sets no limit here. Default: forgotten after 20m without a request (idleTimeout).',
    );
  }
  return affinity;
}

/** `maxidle` and `maxlife` are in seconds where they have no unit. */
function lifetimesOf(draft: Draft, line: HaproxyLine): { idleTimeout?: string; absoluteTimeout?: string } {
  const [idleMs, lifeMs] = ['maxidle', 'maxlife'].map((keyword) =>
    timeMs(draft, line, behind(line.args, keyword), 1_000),
  );
  const life = lifeMs ?? (idleMs !== undefined && idleMs > DAY_MS ? idleMs : undefined);
  const idle =
    idleMs !== undefined && life !== undefined ? Math.min(idleMs, life) : (idleMs ?? shortLife(lifeMs));
  return {
    ...(idle !== undefined && { idleTimeout: draft.duration(line, idle, RANGE_MS.session) }),
    ...(life !== undefined && { absoluteTimeout: draft.duration(line, life, RANGE_MS.session) }),
  };
}

const TWENTY_MINUTES_MS = 1_200_000;

/** The default idle timeout must not be longer than the life of a session. */
const shortLife = (lifeMs: number | undefined): number | undefined =>
  lifeMs !== undefined && lifeMs < TWENTY_MINUTES_MS ? lifeMs : undefined;

function attributesOf(options: readonly string[]) {
  const domain = behind(options, 'domain')?.replace(/^\./, '');
  const [, written = ''] = /^samesite=(\w+)/i.exec(behind(options, 'attr') ?? '') ?? [];
  const sameSite = SAME_SITE[written.toLowerCase()];
  return {
    ...(domain !== undefined && { domain }),
    ...(sameSite !== undefined && { sameSite }),
    ...(options.includes('secure') && { secure: 'always' as const }),
  };
}

const SAME_SITE: Readonly<Record<string, 'Lax' | 'Strict' | 'None'>> = {
  lax: 'Lax',
  strict: 'Strict',
  none: 'None',
};

const OPTION_REASONS: Readonly<Record<string, string>> = {
  preserve: 'preserve: the application cannot set or delete this cookie',
  postonly: 'postonly: every response to a new session sets the cookie',
  dynamic: 'dynamic: not needed, the cookie is sealed',
};

/** `insert`, `indirect` and `nocache` are what Holdfast always does. */
function noteOptions(draft: Draft, line: HaproxyLine, options: readonly string[]): void {
  for (const option of options) {
    const reason = OPTION_REASONS[option];
    if (reason !== undefined) draft.note(line, reason);
  }
  const attribute = behind(options, 'attr');
  if (attribute !== undefined && !/^samesite=/i.test(attribute)) {
    draft.note(line, `attr ${attribute}: no equivalent`);
  }
}
