import { RawConnection } from './raw-connection.ts';

/** A response as it stood on the wire. */
export interface RawResponse {
  readonly status: number;
  /** The lines of the head after the first. */
  readonly fields: readonly string[];
  readonly body: string;
}

/** Sends one request, written by hand, and reads until the other side ends the connection: the head must ask for that. */
export async function rawRequest(
  port: number,
  head: readonly string[],
  body = '',
  host = '127.0.0.1',
): Promise<RawResponse> {
  const connection = await RawConnection.open(port, host);
  try {
    connection.send(head, body);
    await connection.untilEnded();
    return readRawResponse(connection.received);
  } finally {
    connection.close();
  }
}

/** Splits a response into its parts; a body in chunks stays in chunks. */
export function readRawResponse(text: string): RawResponse {
  const headEnd = text.indexOf('\r\n\r\n');
  const [statusLine = '', ...fields] = text.slice(0, headEnd).split('\r\n');
  return { status: Number(statusLine.split(' ')[1]), fields, body: text.slice(headEnd + 4) };
}
