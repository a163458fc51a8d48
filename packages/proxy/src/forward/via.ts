import { FieldKind, type FieldSection, fieldLine, isInFieldSet } from '../codec/index.ts';
import { append, joined } from './forwarded-lines.ts';

const VIA = '1.1 holdfast';
const VIA_LINE = fieldLine('Via', VIA);

/** The `Via` line of a message that passes on: what it came with, and this proxy (RFC 9110 section 7.6.3). */
export function viaLine(fields: FieldSection): string {
  if (!isInFieldSet(fields.kinds, FieldKind.via)) return VIA_LINE;
  return fieldLine('Via', append(joined(fields, FieldKind.via), VIA));
}
