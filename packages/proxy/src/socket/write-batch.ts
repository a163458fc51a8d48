/** Who may have something to send at the end of this pass of the event loop. */
export interface BatchedSender {
  /** Sends what is still to be sent, if anything is. */
  sendDue(): void;
}

let due: BatchedSender[] = [];
let spare: BatchedSender[] = [];

/**
 * Has it send once all that arrived with this pass of the event loop has been read. The writes of all connections then
 * follow each other closely, so that a receiver on another core is woken once for many of them, and the code of each half
 * stays in the processor's caches (docs/adr/0014-write-batches.md).
 */
export function sendWithBatch(sender: BatchedSender): void {
  if (due.length === 0) setImmediate(sendBatch);
  due.push(sender);
}

function sendBatch(): void {
  const senders = due;
  due = spare;
  spare = senders;
  for (const sender of senders) sender.sendDue();
  senders.length = 0;
}
