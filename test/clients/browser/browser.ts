import { spawnSync } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { HoldfastError } from '@holdfast/shared';
import { DevTools, type Fields } from './dev-tools.ts';

const has = (program: string): boolean =>
  spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined;

const CHROMIUM = ['chromium', 'chromium-browser', 'google-chrome'].find(has);

/**
 * Whether tests go without a browser, because there is none and nobody to install one. Where apt-get is, the tests have
 * it install Chromium first; that it failed is a failure of theirs.
 */
export const goesWithoutBrowser = CHROMIUM === undefined && !has('apt-get');

/** For people: why the tests of a browser are skipped. */
export const WITHOUT_BROWSER =
  'no Chromium on the PATH, and no apt-get to install it: the browser tests are SKIPPED';

const FLAGS = [
  '--headless=new',
  '--no-first-run',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-component-update',
  '--disable-background-networking',
  // The sandbox refuses to be set up by root, who runs tests in containers; every page here is our own.
  '--no-sandbox',
  '--ignore-certificate-errors',
  '--host-resolver-rules=MAP shop.test 127.0.0.1',
];

/** A headless Chromium, in which each page has a cookie jar and a cache of its own. It believes any certificate. */
export class Browser {
  readonly #tools: DevTools;
  readonly #profile: string;

  /** @param profile a folder that is the browser's own */
  static async open(profile: string): Promise<Browser> {
    const browser = new Browser(profile);
    await browser.#tools.send('Browser.getVersion');
    return browser;
  }

  private constructor(profile: string) {
    this.#profile = profile;
    this.#tools = new DevTools(CHROMIUM ?? 'chromium', [...FLAGS, `--user-data-dir=${profile}`]);
  }

  async newPage(): Promise<Page> {
    const { browserContextId } = await this.#tools.send('Target.createBrowserContext');
    const { targetId } = await this.#tools.send('Target.createTarget', {
      url: 'about:blank',
      browserContextId,
    });
    const { sessionId } = await this.#tools.send('Target.attachToTarget', { targetId, flatten: true });
    const page = new Page(this.#tools, String(sessionId), String(browserContextId));
    await page.send('Page.enable');
    await page.send('Page.setLifecycleEventsEnabled', { enabled: true });
    return page;
  }

  async close(): Promise<void> {
    await this.#tools.close();
    await rm(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** A cookie as the browser keeps it. */
export interface KeptCookie {
  readonly name: string;
  readonly value: string;
  readonly path: string;
  readonly httpOnly: boolean;
  readonly secure: boolean;
  readonly sameSite: string;
  /** Whether it ends with the browser. */
  readonly session: boolean;
}

const KEYS = {
  Tab: { key: 'Tab', code: 'Tab', windowsVirtualKeyCode: 9 },
  Enter: { key: 'Enter', code: 'Enter', windowsVirtualKeyCode: 13, text: '\r' },
  Escape: { key: 'Escape', code: 'Escape', windowsVirtualKeyCode: 27 },
} as const;
export type Key = keyof typeof KEYS;

/** One tab of a browser. */
export class Page {
  readonly #tools: DevTools;
  readonly #sessionId: string;
  readonly #contextId: string;

  constructor(tools: DevTools, sessionId: string, contextId: string) {
    this.#tools = tools;
    this.#sessionId = sessionId;
    this.#contextId = contextId;
  }

  send(method: string, params?: Fields): Promise<Fields> {
    return this.#tools.send(method, params, this.#sessionId);
  }

  /** Goes to a page and waits until it is loaded with all that belongs to it. */
  visit(url: string): Promise<void> {
    return this.#untilLoaded(async () => {
      const { errorText } = await this.send('Page.navigate', { url });
      if (errorText !== undefined) throw new HoldfastError('INTERNAL', `visit ${url}: ${errorText}`);
    });
  }

  /** Does something that leads to another page, and waits until that is loaded. */
  follow(action: string | (() => Promise<unknown>)): Promise<void> {
    return this.#untilLoaded(() => (typeof action === 'string' ? this.run(action) : action()));
  }

  /** Has the page compute something, and answers with what comes of it. */
  async run<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = await this.send('Runtime.evaluate', {
      expression,
      awaitPromise: true,
      returnByValue: true,
      userGesture: true,
    });
    if (exceptionDetails !== undefined)
      throw new HoldfastError('INTERNAL', `run ${expression}: ${(result as Thrown).description}`);
    return (result as { value: T }).value;
  }

  /** What the page shows there, or undefined where there is no such element. */
  textOf(selector: string): Promise<string | undefined> {
    return this.run(`document.querySelector(${JSON.stringify(selector)})?.innerText`);
  }

  /** Presses a key, and lets it go. */
  async press(name: Key): Promise<void> {
    const key = KEYS[name];
    await this.send('Input.dispatchKeyEvent', { type: 'keyDown', ...key });
    await this.send('Input.dispatchKeyEvent', { type: 'keyUp', ...key });
  }

  /** Writes a text where the focus is. */
  async type(text: string): Promise<void> {
    await this.send('Input.insertText', { text });
  }

  /** What the browser complains of from now on: errors on the console, exceptions, what the page's policy forbids. */
  async hearComplaints(): Promise<readonly string[]> {
    const complaints: string[] = [];
    this.#tools.listen('Log.entryAdded', this.#sessionId, ({ entry }) => {
      const { level, text, url } = entry as LogEntry;
      if (level === 'error' || level === 'warning') complaints.push(`${text} (${url})`);
    });
    this.#tools.listen('Runtime.consoleAPICalled', this.#sessionId, ({ type, args }) => {
      if (type === 'error' || type === 'warning') complaints.push(JSON.stringify(args));
    });
    this.#tools.listen('Runtime.exceptionThrown', this.#sessionId, (fields) => {
      complaints.push(JSON.stringify(fields.exceptionDetails));
    });
    await this.send('Log.enable');
    await this.send('Runtime.enable');
    return complaints;
  }

  /** The cookies that the browser would send from this page. */
  async cookies(): Promise<readonly KeptCookie[]> {
    const { cookies } = await this.send('Network.getCookies');
    return cookies as readonly KeptCookie[];
  }

  /** Ends the page, and forgets its cookies and cache. */
  async close(): Promise<void> {
    await this.#tools.send('Target.disposeBrowserContext', { browserContextId: this.#contextId });
  }

  /** The document that was there before may still be loading, and its end is not the one that is awaited. */
  async #untilLoaded(action: () => Promise<unknown>): Promise<void> {
    const { frameTree } = (await this.send('Page.getFrameTree')) as { frameTree: FrameTree };
    const isLoaded = ({ name, loaderId }: Fields): boolean =>
      name === 'load' && loaderId !== frameTree.frame.loaderId;
    await Promise.all([this.#tools.next('Page.lifecycleEvent', this.#sessionId, isLoaded), action()]);
  }
}

interface FrameTree {
  readonly frame: { readonly loaderId: string };
}

interface LogEntry {
  readonly level: string;
  readonly text: string;
  readonly url?: string;
}

interface Thrown {
  readonly description: string;
}
