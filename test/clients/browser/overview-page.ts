import { until } from '../../support/until.ts';
import type { Page } from './browser.ts';

/** A request as the overview of the console shows it. */
export interface ShownRequest {
  readonly request: string;
  readonly status: string;
  readonly endpoint: string;
  readonly outcome: string;
  readonly session: string;
  /** Where the session can be looked at. */
  readonly link: string | undefined;
}

const READ_REQUESTS = `[...document.querySelectorAll('#requests tbody tr')].map(({ cells }) => {
  const [, request, status, endpoint, outcome, , session] = [...cells].map((cell) => cell.innerText);
  return { request, status, endpoint, outcome, session, link: cells[6].querySelector('a')?.pathname };
})`;

const READ_TOTALS = `(() => {
  document.querySelector('.charts details').open = true;
  const sum = (column) => [...document.querySelectorAll('#minutes tr')]
    .reduce((sum, { cells }) => sum + Number(cells[column].innerText), 0);
  return { finished: sum(1), failed: sum(2), moved: sum(3) };
})()`;

/** The overview of the console, as its reader sees it. */
export class OverviewPage {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  /** The latest first. */
  requests(): Promise<readonly ShownRequest[]> {
    return this.#page.run(READ_REQUESTS);
  }

  untilRequest(isMeant: (request: ShownRequest) => boolean): Promise<ShownRequest> {
    return until('the request is shown', async () => (await this.requests()).find(isMeant));
  }

  untilEvent(text: string | RegExp): Promise<boolean> {
    return until(`there is an event ${text}`, async () =>
      (
        await this.#page.run<readonly string[]>(
          `[...document.querySelectorAll('#events li')].map((item) => item.innerText)`,
        )
      ).some((line) => (typeof text === 'string' ? line.includes(text) : text.test(line))),
    );
  }

  /** What the table beside the charts counts. */
  totals(): Promise<{ readonly finished: number; readonly failed: number; readonly moved: number }> {
    return this.#page.run(READ_TOTALS);
  }

  /** How many seconds have a bar in a chart. */
  barsOf(chart: string): Promise<number> {
    return this.#page.run(
      `(document.querySelector('[data-chart="${chart}"] .bars').getAttribute('d') ?? '').split('M').length - 1`,
    );
  }

  async press(selector: string): Promise<void> {
    await this.#page.run(`document.querySelector(${JSON.stringify(selector)}).click()`);
  }

  /** Chooses what of the requests is shown. */
  async choose(name: string, value: string): Promise<void> {
    await this.#page.run(`{
      const field = document.querySelector('#filters').elements.${name};
      field.value = ${JSON.stringify(value)};
      field.dispatchEvent(new Event('input', { bubbles: true }));
    }`);
  }
}
