/** Runs a node of a file by a clock on the wall that is wrong by so much: the rest of this process, and nothing else. */
export async function runSkewedNode(skewMs: number): Promise<void> {
  const now = Date.now.bind(Date);
  Date.now = () => now() + skewMs;
  const [node = '', , file = ''] = process.argv;
  process.argv = [node, 'holdfast', 'run', '-c', file];
  await import('../../packages/proxy/src/main.ts');
}
