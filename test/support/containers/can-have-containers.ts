import { spawnSync } from 'node:child_process';

const succeeds = (command: string, ...args: readonly string[]): boolean =>
  spawnSync(command, args, { stdio: 'ignore' }).status === 0;

/**
 * Whether processes may have network addresses and a root directory of their own here: it takes root, and a kernel that lets
 * root do it. Tests that need it are skipped elsewhere.
 */
export const canHaveContainers =
  process.getuid?.() === 0 &&
  succeeds('unshare', '--net', '--mount', 'true') &&
  succeeds('ip', '-Version') &&
  succeeds('setpriv', '--version');
