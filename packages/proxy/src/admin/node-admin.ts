import type { CurrentConfig } from '../node/current-config.ts';
import type { Reloader } from '../node/reloader.ts';
import type { Operations } from './admin-app.ts';
import { AdminListener } from './admin-listener.ts';

/** The admin listener of a node, where its configuration wants one. The token is the one of the moment. */
export function adminListenerOf(
  current: CurrentConfig,
  status: Operations['status'],
  reloader: Reloader,
  steering: Pick<Operations, 'ask' | 'leave' | 'metrics' | 'clock'>,
): AdminListener | undefined {
  const listen = current.config.admin?.listen;
  if (listen === undefined) return undefined;
  const token = (): string => current.config.admin?.token ?? '';
  return new AdminListener(listen, {
    token,
    status,
    reload: () => reloader.reload('admin'),
    ...steering,
  });
}
