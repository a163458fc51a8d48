import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { HealthCheckConfig } from '@holdfast/shared/config';
import type { ProbeResult } from '../health/health-check.ts';
import { endpointAddressOf } from '../upstream/endpoint-address.ts';
import { isExpectedAnswer, probeBytes } from './expected-answer.ts';

/** Sends a udp endpoint a datagram and waits for the expected one in answer. Never rejects. */
export function udpProbe(origin: string, check: HealthCheckConfig): Promise<ProbeResult> {
  const { address, port } = endpointAddressOf(origin);
  const question = probeBytes(check.send ?? '');
  return new Promise((resolve) => {
    const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
    let isSettled = false;
    const settle = (result: ProbeResult): void => {
      if (isSettled) return;
      isSettled = true;
      resolve(result);
      socket.close();
    };
    const timeout = AbortSignal.timeout(check.timeout);
    timeout.addEventListener('abort', () => settle('failed'));
    socket.on('error', () => settle('failed'));
    socket.on('message', (answer) => {
      if (isExpectedAnswer(answer, check)) settle('passed');
    });
    // A callback of `connect` would be called with its failure, too.
    socket.once('connect', () => {
      if (!isSettled) socket.send(question);
    });
    socket.connect(port, address);
  });
}
