import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Child } from '../support/child.ts';
import { HOLDFAST } from '../support/command.ts';
import { until } from '../support/until.ts';
import { Browser, goesWithoutBrowser, type Page, WITHOUT_BROWSER } from './browser/browser.ts';
import { OverviewPage } from './browser/overview-page.ts';

if (goesWithoutBrowser) process.stderr.write(`\n${WITHOUT_BROWSER}\n`);

const START_DEADLINE_MS = 30_000;

describe.skipIf(goesWithoutBrowser)('holdfast demo', () => {
  let demo: Child;
  let browser: Browser;
  let dir: string;
  let said = '';

  beforeAll(async () => {
    const onStdout = (line: string): void => {
      said += `${line}\n`;
    };
    demo = new Child({ name: 'demo', command: HOLDFAST, args: ['demo'], onStdout });
    dir = await mkdtemp(join(tmpdir(), 'holdfast-test-'));
    browser = await Browser.open(join(dir, 'browser'));
    await until('the demo is ready', () => said.includes('Ctrl-C ends everything'), START_DEADLINE_MS);
  });

  afterAll(async () => {
    await browser?.close();
    await demo?.end('SIGTERM');
    await rm(dir, { recursive: true, force: true });
  });

  const open = async (address: string): Promise<Page> => {
    const page = await browser.newPage();
    await page.visit(address);
    return page;
  };

  it('prints the address of a console, in which sessions are seen to move when their endpoint is killed', async () => {
    const [, shopAddress = '', consoleAddress = ''] =
      /node-1 +(http:\S+) +console (http:\S+)/.exec(said) ?? [];
    const watched = await open(consoleAddress);
    const overview = new OverviewPage(watched);
    await overview.untilRequest(
      ({ endpoint, outcome }) => endpoint.startsWith('shop/') && outcome.startsWith('hit'),
    );

    const shop = await open(shopAddress);
    const kill = await until('the shop knows where the session is', async () => {
      const text = await shop.textOf('#kill-holder:not([hidden])');
      return text?.startsWith('Kill endpoint') && text;
    });
    const victim = kill.slice(-1);
    await shop.run(`document.querySelector('#kill-holder').click()`);

    await overview.untilEvent(`Endpoint shop/${victim} is down`);
    await overview.untilEvent(/(?:Session .*|\d+ sessions) moved to shop\//);
    const moved = await overview.untilRequest(({ outcome }) => outcome.startsWith('repinned'));
    expect(moved.endpoint).not.toBe(`shop/${victim}`);
    await until('the shop says so of its own session', async () => {
      const holder = await shop.textOf('#holder');
      return holder !== undefined && /^[abc]$/.test(holder) && holder !== victim;
    });
    expect(await shop.run(`document.querySelector('#consoles a').href`)).toBe(consoleAddress);
  });

  it('ends everything when it is told to', async () => {
    expect(await demo.end('SIGTERM')).toEqual({ code: 0, signal: null });
  });
});
