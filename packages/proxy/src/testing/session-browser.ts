import type { Resolution } from '../affinity/affinity.ts';
import type { SessionNode } from './session-world.ts';

/** A browser: keeps the last cookie of ours that it was given. */
export class SessionBrowser {
  cookie: string | undefined;
  cookiesSet = 0;

  async visit(node: SessionNode): Promise<Resolution> {
    const fields = this.cookie === undefined ? [] : ['Cookie', `theme=dark; ${this.cookie}`];
    const resolution = await node.visit({ fields });
    const [setCookie] = node.setCookies(resolution);
    if (setCookie !== undefined) {
      this.cookie = setCookie.split(';')[0];
      this.cookiesSet++;
    }
    return resolution;
  }
}
