import type { Http2Stream } from 'node:http2';

/**
 * Watches how the incoming half of a stream ends. Node tells of the end of a message and of a stream that was reset
 * without an error alike, by `end`; a message that was cut short must not pass for a whole one.
 *
 * @returns what to ask at the `end` event: whether the message is whole
 */
export function watchEnd(stream: Http2Stream): () => boolean {
  let isWhole: boolean | undefined;
  const push = stream.push.bind(stream);
  stream.push = (chunk, encoding) => {
    // What ends with END_STREAM ends before its stream is closed; what is reset, after.
    if (chunk === null) isWhole ??= !stream.closed;
    return push(chunk, encoding);
  };
  return () => isWhole === true;
}
