/** What `holdfast demo` is told. */
export interface DemoOptions {
  readonly once?: boolean;
}

/** Starts the demo, nodes, endpoints and a page that shows where sessions are, and answers with its exit code. */
export async function demo({ once }: DemoOptions): Promise<number> {
  const { runDemo } = await import('../demo/demo.ts');
  return runDemo({ once: once === true });
}
