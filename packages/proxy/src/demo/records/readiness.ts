const ANSWER_TIMEOUT_MS = 1_000;

/** Whether the node with this admin listener is ready. One that does not answer is not. Never rejects. */
export async function isReady(admin: URL): Promise<boolean> {
  try {
    const response = await fetch(new URL('/readyz', admin), {
      redirect: 'manual',
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}
