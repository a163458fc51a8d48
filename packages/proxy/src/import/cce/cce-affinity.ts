import type { Draft, WrittenAffinity, WrittenPool } from '../draft.ts';
import type { CceAnnotations } from './cce-annotations.ts';

const LAYER_4_DEFAULT_MINUTES = 60;
const LAYER_7_DEFAULT_MINUTES = 20;

/** What a pool is balanced by, and what keeps its sessions. */
export type CceSessions = Pick<WrittenPool, 'affinity' | 'balance'>;

/** Reads `elb.lb-algorithm` and `elb.session-affinity-*`, in the form of CCE and in that of the cloud provider. */
export function sessionsOf(draft: Draft, annotations: CceAnnotations, isHttp: boolean): CceSessions {
  const algorithm = annotations.text('lb-algorithm');
  const affinity = affinityOf(draft, annotations, isHttp);
  if (algorithm === 'SOURCE_IP') {
    if (affinity !== undefined)
      annotations.note(
        'session-affinity-mode',
        'sticky sessions cannot be had beside SOURCE_IP: the algorithm counts',
      );
    const hashed: WrittenAffinity = { type: 'source-ip', mode: 'hash' };
    draft.remark(hashed, 'SOURCE_IP keeps no table. With "mode: table" a client stays where it is.');
    return { affinity: draft.from(annotations.place('lb-algorithm'), hashed) };
  }
  if (algorithm !== undefined && !/^(?:ROUND_ROBIN|LEAST_CONNECTIONS)$/.test(algorithm)) {
    annotations.note('lb-algorithm', `${algorithm} is not known: taken as ROUND_ROBIN`);
  }
  return {
    ...(algorithm === 'LEAST_CONNECTIONS' && { balance: 'least-connections' as const }),
    ...(affinity !== undefined && { affinity }),
  };
}

function affinityOf(draft: Draft, annotations: CceAnnotations, isHttp: boolean): WrittenAffinity | undefined {
  const flag = annotations.text('session-affinity-flag');
  const option = annotations.fields('session-affinity-option');
  const mode =
    annotations.text('session-affinity-mode') ?? (flag === 'on' ? option.get('type') : undefined) ?? '';
  if (mode === '' || flag === 'off') return undefined;
  const isFitting = mode === 'SOURCE_IP' ? !isHttp : isHttp && /^(?:HTTP|APP)_COOKIE$/.test(mode);
  if (!isFitting) {
    const named =
      annotations.text('session-affinity-mode') === undefined
        ? 'session-affinity-option'
        : 'session-affinity-mode';
    const needed = isHttp
      ? 'HTTP_COOKIE or APP_COOKIE, as clients speak HTTP'
      : 'SOURCE_IP, as clients do not speak HTTP';
    annotations.note(named, `left out: expected ${needed}, found ${mode}`);
    return undefined;
  }
  const place = annotations.place('session-affinity-option');
  if (mode === 'APP_COOKIE') {
    const name = option.get('app_cookie_name') ?? option.get('cookie_name');
    if (name !== undefined) return draft.from(place, { type: 'app-cookie' as const, name });
    annotations.note(
      'session-affinity-option',
      'left out: expected app_cookie_name beside APP_COOKIE, found none',
    );
    return undefined;
  }
  const idleTimeout = timeoutOf(annotations, option.get('persistence_timeout'), isHttp);
  if (mode === 'SOURCE_IP') return draft.from(place, { type: 'source-ip' as const, idleTimeout });
  return draft.from(place, { type: 'cookie' as const, idleTimeout });
}

/** Minutes, up to an hour for connections and up to a day for requests. */
function timeoutOf(annotations: CceAnnotations, written: string | undefined, isHttp: boolean): string {
  const [most, usual] = isHttp ? [1440, LAYER_7_DEFAULT_MINUTES] : [60, LAYER_4_DEFAULT_MINUTES];
  if (written === undefined) return `${usual}m`;
  const minutes = Number(written);
  if (Number.isInteger(minutes) && minutes >= 1 && minutes <= most) return `${minutes}m`;
  annotations.note(
    'session-affinity-option',
    `persistence_timeout: expected 1 to ${most} minutes, found ${written}: taken as ${usual}`,
  );
  return `${usual}m`;
}
