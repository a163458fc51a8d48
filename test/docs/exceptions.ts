import type { Block } from './blocks.ts';

/** Blocks that are not run where they stand: by their page and what they begin with, and why. */
export interface Exception {
  readonly page: string;
  readonly begins: string;
  /** The spec that runs them, or what keeps them from being run at all. */
  readonly why: string;
}

export const EXCEPTIONS: readonly Exception[] = [
  {
    page: 'CONTRIBUTING.md',
    begins: 'storeContract(',
    why: 'packages/store/src/memory/memory-store.spec.ts is it',
  },
  { page: 'README.md', begins: '$ npm start -- --once', why: 'test/e2e/demo.spec.ts runs it' },
  {
    page: 'docs/guides/hand-over.md',
    begins: 'cd docs/examples',
    why: 'test/clients/hand-over.spec.ts runs the example',
  },
  {
    page: 'docs/guides/hand-over.md',
    begins: 'bin/holdfast run',
    why: 'test/clients/hand-over.spec.ts runs the example',
  },
  { page: 'docs/guides/hand-over.md', begins: '$ curl', why: 'test/clients/hand-over.spec.ts asks the same' },
  {
    page: 'docs/guides/hand-over.md',
    begins: 'php -d',
    why: 'test/clients/hand-over.spec.ts runs it where there is PHP',
  },
  {
    page: 'docs/guides/reload.md',
    begins: '$ holdfast reload',
    why: 'test/e2e/reload.spec.ts reloads such files',
  },
  { page: 'docs/guides/workers.md', begins: 'kill -USR2', why: 'test/e2e/workers.spec.ts upgrades a node' },
];

/** Whether a block is one of the exceptions. */
export const isException = ({ page, code }: Block): boolean =>
  EXCEPTIONS.some((exception) => exception.page === page && code.startsWith(exception.begins));
