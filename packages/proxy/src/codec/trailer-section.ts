import { FieldKind } from './field-kind.ts';
import { HeadParser } from './head-parser.ts';
import type { ScanResult } from './scan-result.ts';

/**
 * Reads trailer sections (RFC 9112 section 7.1.2) by the rules of heads.
 *
 * A field that a proxy recognises is about framing, routing or identity, has its meaning before the body and must not be
 * sent after it (RFC 9110 section 6.5.1): {@link trailers} leaves such fields out.
 */
export class TrailerParser extends HeadParser {
  /** The trailers to pass on, as name, value, name, value. The list is new and the caller's. */
  trailers(): string[] {
    const list: string[] = [];
    for (let index = 0; index < this.fields.count; index++) {
      if (this.fields.kind(index) === FieldKind.ordinary)
        list.push(this.fields.name(index), this.fields.value(index));
    }
    return list;
  }

  protected override scanStartLine(): ScanResult {
    return 0;
  }

  protected override interpret(): undefined {
    return undefined;
  }
}
