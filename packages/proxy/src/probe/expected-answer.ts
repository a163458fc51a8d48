import type { HealthCheckConfig } from '@holdfast/shared/config';

const HEX = /^hex:/;

/** The bytes that `send` and `expect` of a health check stand for: text, or `hex:` and digits. */
export const probeBytes = (text: string): Buffer =>
  HEX.test(text) ? Buffer.from(text.replace(HEX, ''), 'hex') : Buffer.from(text);

/** Whether an endpoint has answered as it should. */
export const isExpectedAnswer = (answer: Buffer, { expect }: Pick<HealthCheckConfig, 'expect'>): boolean =>
  expect === undefined ? answer.length > 0 : answer.includes(probeBytes(expect));
