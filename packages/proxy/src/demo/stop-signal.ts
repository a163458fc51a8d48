const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Fires at the first request to stop. More of them change nothing, because one Ctrl-C often arrives twice: from the
 * terminal and from the program that started this one. Ending everything takes a bounded time in any case.
 */
export function stopSignal(cleanup: AsyncDisposableStack): AbortSignal {
  const controller = new AbortController();
  const stop = (): void => controller.abort();
  for (const name of STOP_SIGNALS) process.on(name, stop);
  cleanup.defer(() => {
    for (const name of STOP_SIGNALS) process.off(name, stop);
  });
  return controller.signal;
}
