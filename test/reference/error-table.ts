import { type ErrorSource, errorCodes, HoldfastError, type Retryability } from '@holdfast/shared';
import { formatTable } from '../../bench/src/report/table.ts';

const WHOSE: Readonly<Record<ErrorSource, string>> = {
  downstream: 'the client',
  upstream: 'the endpoint',
  store: 'the session map',
  internal: 'Holdfast',
};

const CAN_HELP: Readonly<Record<Retryability, string>> = {
  never: 'no',
  'if-nothing-sent': 'if nothing was sent',
  yes: 'yes',
};

/** Every code, with what programs know of it. */
export function errorTable(): string {
  const heading = ['code', 'whose failure', 'trying again can help'];
  const rows = errorCodes.map((code) => {
    const { source, retryable } = new HoldfastError(code, '');
    return [`[\`${code}\`](#${code.toLowerCase()})`, WHOSE[source], CAN_HELP[retryable]];
  });
  return formatTable([heading, ...rows], heading.length);
}
