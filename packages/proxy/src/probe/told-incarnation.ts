import type { HealthCheckConfig } from '@holdfast/shared/config';
import { BodyField } from '../affinity/body-field.ts';

/** Reads out of a response which process has answered. */
export interface ToldIncarnation {
  /** Takes the next piece of the body. */
  feed(piece: Buffer): void;
  /** What has been told so far; undefined if nothing has. */
  readonly value: string | undefined;
}

/** More than any id of a process that means to be one. */
const LENGTH_MAX = 1_024;

/** Looks for the incarnation where the health check says that it stands. */
export function toldIncarnation(
  { incarnation }: HealthCheckConfig,
  headers: Readonly<Record<string, string | string[] | undefined>>,
): ToldIncarnation {
  const header = incarnation?.header && headers[incarnation.header.toLowerCase()];
  const field = incarnation?.body === undefined ? undefined : new BodyField(incarnation.body);
  let value = header === undefined ? undefined : meant(String(header));
  return {
    feed(piece) {
      const finding = field?.feed(piece);
      if (finding?.kind === 'found') value ??= meant(finding.value);
    },
    get value() {
      return value;
    },
  };
}

const meant = (text: string): string | undefined =>
  text === '' || text.length > LENGTH_MAX ? undefined : text;
