import type { Context, Env } from 'hono';
import { html } from 'hono/html';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Sampler } from './sample.ts';

/** What `html` makes: text in which everything that was put in is escaped. */
export type Html = ReturnType<typeof html>;

/** What every page of the console knows. */
export interface ConsoleEnv extends Env {
  readonly Variables: {
    readonly sampler: Sampler;
    /** Whether there is a token, so that one can log in and out. */
    readonly hasLogin: boolean;
    /** Whether who asked is still let in: a stream may outlive a pass. */
    readonly isIn: () => Promise<boolean>;
  };
}
export type ConsoleContext = Context<ConsoleEnv>;

export interface PageParts {
  readonly title: string;
  /** The place of the page in the navigation. Default: none. */
  readonly current?: Place;
  readonly body: Html;
  /** Names of files that this page has beside those of all pages. */
  readonly scripts?: readonly string[];
  readonly styles?: readonly string[];
  /** Default: 200. */
  readonly status?: ContentfulStatusCode;
}

const PLACES = [
  { name: 'overview', path: '/console/', label: 'Overview' },
  { name: 'endpoints', path: '/console/endpoints', label: 'Endpoints' },
  { name: 'sessions', path: '/console/sessions', label: 'Sessions' },
  { name: 'explain', path: '/console/explain', label: 'Explain' },
  { name: 'nodes', path: '/console/nodes', label: 'Nodes' },
] as const;
export type Place = (typeof PLACES)[number]['name'];

/** A page within the shell: where one is, where one may go, and whether what one sees is of now. */
export async function renderPage(context: ConsoleContext, parts: PageParts): Promise<Response> {
  const { report } = await context.get('sampler').take();
  const { cluster = 'Holdfast', node = '' } = report;
  const body = html`<header class="top">
      <a class="skip" href="#main">Skip to content</a>
      <a class="brand" href="/console/">${mark()}<span><b>${cluster}</b> <span class="quiet">${node}</span></span></a>
      <nav class="places" aria-label="Console">${navigation(parts.current)}</nav>
      <p class="feed" id="feed-state" role="status"></p>
      ${context.get('hasLogin') ? logOut() : ''}
    </header>
    <main id="main">${parts.body}</main>`;
  const title = `${parts.title} · ${node === '' ? cluster : `${cluster}/${node}`}`;
  return context.html(shell({ ...parts, title, body }), parts.status);
}

/** A page for somebody who may not see where one is: nothing but what it says. */
export const renderBarePage = (context: ConsoleContext, parts: PageParts): Response | Promise<Response> => {
  const body = html`<main id="main" class="narrow"><p class="brand">${mark()}<b>Holdfast</b></p>${parts.body}</main>`;
  return context.html(shell({ ...parts, title: `${parts.title} · Holdfast`, body }), parts.status);
};

const shell = ({ title, body, scripts = [], styles = [] }: PageParts): Html => html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>${title}</title>
    <link rel="icon" href="data:,">
    ${['console.css', ...styles].map((name) => html`<link rel="stylesheet" href="/console/files/${name}">`)}
    ${['console.js', ...scripts].map((name) => html`<script type="module" src="/console/files/${name}"></script>`)}
  </head>
  <body>
    ${body}
  </body>
</html>`;

const navigation = (current: Place | undefined): readonly Html[] =>
  PLACES.map(({ name, path, label }) =>
    name === current
      ? html`<a href="${path}" aria-current="page">${label}</a>`
      : html`<a href="${path}">${label}</a>`,
  );

const logOut = (): Html =>
  html`<form method="post" action="/console/logout"><button class="plain">Log out</button></form>`;

const mark = (): Html => html`<svg viewBox="0 0 24 24" aria-hidden="true">
  <path d="M12 14V2m0 6C9 8 7 6 7 3m5 8c3 0 5-2 5-5m-5 8c-5 0-7 3-8 8m8-8c5 0 7 3 8 8m-8-8c-2 2-3 5-3 8m3-8c2 2 3 5 3 8" />
</svg>`;
