import { RawConnection } from './raw-connection.ts';

/** Text that a client writes, and what it is a case of. */
export interface ClientText {
  readonly name: string;
  readonly text: string;
}

/** How many connections are open at once, so that a thousand cases take seconds and hold no thousand sockets. */
const AT_ONCE = 64;

/**
 * What a client got for its text: the statuses of all final responses, whether the last one said `Connection: close`, and
 * whether the connection was then closed; as one line, such as `400 close closed`.
 */
export async function outcomeOf(port: number, { text }: ClientText, deadlineMs = 5_000): Promise<string> {
  const connection = await RawConnection.open(port);
  try {
    connection.socket.write(text, 'latin1');
    const isClosed = await connection.untilEnded(deadlineMs).then(
      () => true,
      () => false,
    );
    const { received } = connection;
    const statuses = [...received.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => status);
    const hasClose = /\r\nConnection: close\r\n/i.test(received.slice(received.lastIndexOf('HTTP/1.1 ')));
    return [...statuses, hasClose ? 'close' : 'no close', isClosed ? 'closed' : 'open'].join(' ');
  } finally {
    connection.close();
  }
}

/** The cases whose outcome is another than the expected one, each with what it came to; none of them is what a test hopes for. */
export async function otherwise(
  port: number,
  expected: string,
  cases: readonly ClientText[],
  deadlineMs?: number,
): Promise<readonly string[]> {
  const others: string[] = [];
  for (let from = 0; from < cases.length; from += AT_ONCE) {
    const some = cases.slice(from, from + AT_ONCE);
    const outcomes = await Promise.all(some.map((each) => outcomeOf(port, each, deadlineMs)));
    for (const [index, outcome] of outcomes.entries())
      if (outcome !== expected) others.push(`${some[index]?.name}: ${outcome}`);
  }
  return others;
}
