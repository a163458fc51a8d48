import { huawei, huaweiTypesFor } from '@holdfast/shared/profiles';
import type { z } from 'zod';
import type { Draft, WrittenAffinity, WrittenPool } from '../draft.ts';
import type { CceAnnotations } from './cce-annotations.ts';

/** How long CCE keeps sessions by address where nothing is said. ELB by itself says 20 minutes, as the profile does. */
const LAYER_4_MINUTES = 60;

const OPTION = 'session-affinity-option';

type HuaweiAffinity = z.input<typeof huawei>;

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
  const fitting = huaweiTypesFor(isHttp ? 'http' : 'tcp');
  const type = fitting.find((candidate) => candidate === mode);
  if (type === undefined) {
    const named = annotations.text('session-affinity-mode') === undefined ? OPTION : 'session-affinity-mode';
    const clients = isHttp ? 'as clients speak HTTP' : 'as clients do not speak HTTP';
    annotations.note(named, `left out: expected ${fitting.join(' or ')}, ${clients}, found ${mode}`);
    return undefined;
  }
  const name = option.get('app_cookie_name') ?? option.get('cookie_name');
  if (type === 'APP_COOKIE' && name === undefined) {
    annotations.note(OPTION, 'left out: expected app_cookie_name beside APP_COOKIE, found none');
    return undefined;
  }
  const usual = isHttp ? {} : { persistence_timeout: LAYER_4_MINUTES };
  const values = { profile: 'huawei', type, ...(type === 'APP_COOKIE' && { cookie_name: name }), ...usual };
  const written = withTimeout(annotations, values, option.get('persistence_timeout'));
  return draft.from(annotations.place(OPTION), written);
}

/** The values with the timeout that is written, where ELB takes it; else that is said, and the usual one counts. */
function withTimeout(
  annotations: CceAnnotations,
  values: object,
  timeout: string | undefined,
): HuaweiAffinity {
  const wanted = timeout === undefined ? values : { ...values, persistence_timeout: asNumber(timeout) };
  const refused = huawei
    .safeParse(wanted)
    .error?.issues.find(({ path: [key] }) => key === 'persistence_timeout');
  if (refused === undefined) return wanted as HuaweiAffinity;
  const usual = huawei.safeParse(values).data?.persistence_timeout;
  annotations.note(
    OPTION,
    `persistence_timeout: expected ${refused.message}, found ${timeout}: taken as ${usual}`,
  );
  return values as HuaweiAffinity;
}

/** Annotations write numbers as text; who reads the configuration expects a number. */
const asNumber = (text: string): number | string => (/^\d+$/.test(text) ? Number(text) : text);
