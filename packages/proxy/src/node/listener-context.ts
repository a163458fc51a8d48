import type { ListenerConfig } from '@holdfast/shared/config';
import type { ListenerContext } from '../forward/forwarder.ts';
import { TrustedProxies } from '../forward/trusted-proxies.ts';

/** What a listener's configuration says of the requests that arrive on it. */
export const listenerContextOf = ({
  name,
  trustedProxies,
  limits,
  debugHeaders,
}: ListenerConfig): ListenerContext => ({
  name,
  trustedProxies: new TrustedProxies(trustedProxies),
  bodyBytesMax: limits.bodyBytes,
  debugHeaders,
});
