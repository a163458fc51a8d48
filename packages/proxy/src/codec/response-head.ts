import { DIGIT_0, isDigit, SP } from './bytes.ts';
import { scanVersion, UNSUPPORTED, VERSION_LENGTH } from './http-version.ts';
import { FRAMING_FIELDS, MessageHeadParser } from './message-head.ts';
import type { RejectionReason } from './rejection.ts';
import { PARTIAL, REJECTED, type ScanResult } from './scan-result.ts';
import { scratch, skipFieldValue } from './scratch.ts';

const STATUS_MIN = 100;
const STATUS_MAX = 599;
const STATUS_DIGITS = 3;

/**
 * Reads response heads (RFC 9112 section 4) as strictly as request heads, because an endpoint is no more to be trusted
 * with framing than a client. One thing is forgiven: the space after a status without a reason, which servers leave
 * out and which no reader can misunderstand.
 */
export class ResponseHeadParser extends MessageHeadParser {
  /** 100 to 599. */
  status = 0;

  #reasonAt = 0;
  #reasonEnd = 0;

  /** The reason phrase as received; often empty. */
  get reason(): string {
    return this.text.slice(this.#reasonAt, this.#reasonEnd);
  }

  protected override scanStartLine(end: number): ScanResult {
    const version = scanVersion(0, end);
    if (version === PARTIAL) return PARTIAL;
    if (version === REJECTED) return this.reject('bad-status-line');
    if (version === UNSUPPORTED) return this.reject('unsupported-version');
    this.minorVersion = version;
    const statusEnd = this.#scanStatus(VERSION_LENGTH, end);
    return statusEnd < 0 ? statusEnd : this.#scanReason(statusEnd, end);
  }

  /** Answers where the status ends, which starts with its space. */
  #scanStatus(start: number, end: number): ScanResult {
    if (start === end) return PARTIAL;
    if (scratch[start] !== SP) return this.reject('bad-status-line');
    let status = 0;
    for (let at = start + 1; at <= start + STATUS_DIGITS; at++) {
      if (at === end) return PARTIAL;
      const byte = scratch[at]!;
      if (!isDigit(byte)) return this.reject('bad-status-line');
      status = status * 10 + byte - DIGIT_0;
    }
    if (status < STATUS_MIN || status > STATUS_MAX) return this.reject('bad-status');
    this.status = status;
    return start + 1 + STATUS_DIGITS;
  }

  /** Answers where the fields start. */
  #scanReason(start: number, end: number): ScanResult {
    const at = scratch[start] === SP ? skipFieldValue(start) : start;
    if (at - start > this.limits.targetBytes) return this.reject('bad-status-line');
    this.#reasonAt = Math.min(start + 1, at);
    this.#reasonEnd = at;
    return this.scanLineEnd(at, end, 'bad-status-line');
  }

  protected override interpret(): RejectionReason | undefined {
    return this.interpretFields(FRAMING_FIELDS);
  }
}
