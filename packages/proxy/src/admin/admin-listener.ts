import type { ListenAddress } from '@holdfast/shared/config';
import { createAdminApp, type Operations } from './admin-app.ts';
import { AppListener } from './app-listener.ts';

/** The admin listener: apart from the clients' listeners, on loopback unless a token guards it. */
export class AdminListener extends AppListener {
  constructor(listen: ListenAddress, operations: Operations) {
    super(listen, createAdminApp(operations));
  }
}
