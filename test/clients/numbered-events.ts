import type { ServerResponse } from 'node:http';

/** One stream that is being sent. */
interface Stream {
  readonly response: ServerResponse;
  readonly timer: NodeJS.Timeout;
  sent: number;
}

const streams = new Set<Stream>();

/** Sends events with the numbers from 0 on, one every so often, each with the instant at which it was sent. */
export function sendNumberedEvents(response: ServerResponse, everyMs: number): void {
  response.setHeader('Content-Type', 'text/event-stream').flushHeaders();
  const send = (): void => void response.write(`id: ${stream.sent++}\ndata: ${Date.now()}\n\n`);
  const stream: Stream = { response, timer: setInterval(send, everyMs), sent: 0 };
  streams.add(stream);
  response.once('close', () => end(stream));
}

/** Tells every stream how many events it has sent, and sends no more. */
export function endNumberedEvents(): void {
  for (const stream of streams) {
    end(stream);
    stream.response.write(`event: end\ndata: ${stream.sent}\n\n`);
  }
}

function end(stream: Stream): void {
  clearInterval(stream.timer);
  streams.delete(stream);
}
