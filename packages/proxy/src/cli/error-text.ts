import type { ErrorSource, HoldfastError } from '@holdfast/shared';

/** What a person can do about an error of the system, by its code. */
const SYSTEM_ADVICE: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another process listens there: end it, or choose another address in the configuration',
  EADDRNOTAVAIL: 'the address is not one of this machine: choose another one in the configuration',
  EACCES: 'this user may not do that: choose a port above 1023 or another file, or grant the right',
};

const SOURCE_ADVICE: Readonly<Partial<Record<ErrorSource, string>>> = {
  store: 'check store.url in the configuration, and that the store can be reached from here',
  internal: 'if nothing above explains it, this is a defect of Holdfast: please report it',
};

/** An error for the person at the terminal: what failed, on what, and what to do about it. */
export function describeError(error: HoldfastError): string {
  const causes = causesOf(error);
  const systemCode = causes
    .map(({ code }) => code)
    .find((code) => typeof code === 'string' && Object.hasOwn(SYSTEM_ADVICE, code));
  const advice = systemCode === undefined ? SOURCE_ADVICE[error.source] : SYSTEM_ADVICE[String(systemCode)];
  // Many messages quote their cause; what is said already is not said again.
  const reasons = causes
    .filter(({ message }) => !error.message.includes(message))
    .map(({ message }) => `  because: ${message}`);
  return [
    `holdfast: ${error.message} (${error.code})`,
    ...reasons,
    ...(advice === undefined ? [] : [`  ${advice}`]),
  ].join('\n');
}

const CAUSES_SHOWN_MAX = 5;

function causesOf(error: Error): readonly { readonly message: string; readonly code?: unknown }[] {
  const causes: Error[] = [];
  for (
    let cause = error.cause;
    cause instanceof Error && causes.length < CAUSES_SHOWN_MAX;
    cause = cause.cause
  ) {
    causes.push(cause);
  }
  return causes;
}
