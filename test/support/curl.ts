import { execFile, spawnSync } from 'node:child_process';

/** What curl made of a request. */
export interface CurlResult {
  /** 0 if there was a response, whatever its status; 35, 52, 56 and 60 stand for what went wrong with the connection. */
  readonly exitCode: number;
  /** Head and body. */
  readonly output: string;
}

/** Not every machine has curl; one that has none cannot tell what curl makes of us. */
export const hasCurl = spawnSync('curl', ['--version']).status === 0;

/** Runs curl, quiet, with the head of the response before its body. */
export const curl = (...args: readonly string[]): Promise<CurlResult> =>
  new Promise((resolve) => {
    const options = { maxBuffer: 64 * 1024 * 1024, timeout: 30_000 };
    execFile('curl', ['-q', '-s', '-i', ...args], options, (error, output) => {
      resolve({ exitCode: error === null ? 0 : Number(error.code), output });
    });
  });
