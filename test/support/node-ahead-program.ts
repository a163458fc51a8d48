import { runSkewedNode } from './skewed-node.ts';

/** A node whose clock is ahead by two seconds. */
await runSkewedNode(2_000);
