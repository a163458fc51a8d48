import { connect } from 'node:net';
import type { HealthCheckConfig } from '@holdfast/shared/config';
import type { ProbeResult } from '../health/health-check.ts';
import { endpointAddressOf } from '../upstream/endpoint-address.ts';
import { isExpectedAnswer, probeBytes } from './expected-answer.ts';

/** What a connection is checked by. */
export type TcpCheck = Pick<HealthCheckConfig, 'timeout' | 'send' | 'expect'>;

/** Longest answer that is looked through. */
const ANSWER_BYTES_MAX = 16 * 1024;

/**
 * Opens a connection to a tcp endpoint, and where the check says so sends something and waits for its answer. The connection
 * is reset afterwards, which leaves no port behind that waits. Never rejects.
 */
export function tcpProbe(origin: string, check: TcpCheck): Promise<ProbeResult> {
  const { address: host, port } = endpointAddressOf(origin);
  const isAnswerWanted = (check.send ?? check.expect) !== undefined;
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const settle = (result: ProbeResult): void => {
      resolve(result);
      socket.resetAndDestroy();
    };
    const timeout = AbortSignal.timeout(check.timeout);
    timeout.addEventListener('abort', () => settle('failed'));
    socket.on('error', () => settle('failed'));
    socket.on('close', () => settle('failed'));
    socket.on('connect', () => {
      if (!isAnswerWanted) settle('passed');
      else if (check.send !== undefined) socket.write(probeBytes(check.send));
    });
    let answer: Buffer = Buffer.alloc(0);
    socket.on('data', (piece: Buffer) => {
      answer = Buffer.concat([answer, piece]);
      if (isExpectedAnswer(answer, check)) settle('passed');
      else if (answer.length > ANSWER_BYTES_MAX) settle('failed');
    });
  });
}
