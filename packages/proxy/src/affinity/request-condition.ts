import type { ConditionConfig } from '@holdfast/shared/config';
import { isInNetwork } from '../balance/address-prefix.ts';
import type { RequestHeadParser } from '../codec/index.ts';

/** Whether something holds for a request. @param clientAddress in canonical form, as far as trusted proxies tell */
export type RequestCondition = (request: RequestHeadParser, clientAddress: string) => boolean;

/** A condition whose parts must all hold. */
function conditionOf({ path, header, value, address }: ConditionConfig): RequestCondition {
  const name = header?.toLowerCase();
  return (request, clientAddress) =>
    (path === undefined || request.path.startsWith(path)) &&
    (name === undefined || hasField(request, name, value)) &&
    (address === undefined || isInNetwork(clientAddress, address));
}

function hasField({ fields }: RequestHeadParser, name: string, value: string | undefined): boolean {
  for (let index = fields.find(name); index >= 0; index = fields.find(name, index + 1))
    if (value === undefined || fields.value(index) === value) return true;
  return false;
}

/** Whether any of the conditions holds; of none, none does. */
export function anyOf(configs: readonly ConditionConfig[]): RequestCondition {
  const conditions = configs.map(conditionOf);
  return (request, clientAddress) => conditions.some((holds) => holds(request, clientAddress));
}
