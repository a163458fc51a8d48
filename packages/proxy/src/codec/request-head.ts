import { isAuthority } from './authority.ts';
import { CR, LF, SP, TARGET, TOKEN } from './bytes.ts';
import { FieldKind, type FieldSet, fieldSet } from './field-kind.ts';
import { isToken, listMembers } from './field-values.ts';
import { scanVersion, UNSUPPORTED, VERSION_LENGTH } from './http-version.ts';
import { FRAMING_FIELDS, MessageHeadParser } from './message-head.ts';
import type { RejectionReason } from './rejection.ts';
import { isDirectTarget, readAbsoluteTarget } from './request-target.ts';
import { PARTIAL, REJECTED, type ScanResult } from './scan-result.ts';
import { scratch } from './scratch.ts';

/** Longer than every registered method. */
const METHOD_BYTES_MAX = 24;

const READ_FIELDS: FieldSet = FRAMING_FIELDS | fieldSet('host', 'expect', 'te');

/**
 * Reads request heads: what RFC 9112 section 3 allows and no more. One empty line before a request is skipped
 * (section 2.2). CONNECT is rejected, since a reverse proxy opens no tunnels on a client's word.
 */
export class RequestHeadParser extends MessageHeadParser {
  method = '';
  /** The target in origin form, query included, or `*`: also where it was received in absolute form. */
  target = '';
  /** Host and port that the request is for: of the target, else of the `Host` field; empty only in HTTP/1.0. */
  host = '';
  /** Whether the target came in absolute form, so that `host` may not be what the `Host` field says. */
  isAbsolute = false;
  /** Whether the client waits for a 100 before it sends the body (RFC 9110 section 10.1.1). */
  expectsContinue = false;
  /** Whether the client takes trailers (`TE: trailers`, RFC 9110 section 10.1.4). */
  acceptsTrailers = false;

  #methodAt = 0;
  #targetAt = 0;
  #targetEnd = 0;
  #queryAt = 0;
  #pathEnd = 0;

  /** The version in which the request came, as logs write it. */
  get httpVersion(): string {
    return `1.${this.minorVersion}`;
  }

  /** The target without its query. */
  get path(): string {
    return this.#pathEnd === this.target.length ? this.target : this.target.slice(0, this.#pathEnd);
  }

  protected override scanStartLine(end: number): ScanResult {
    const methodAt = this.#skipEmptyLine(end);
    if (methodAt < 0) return methodAt;
    const targetAt = this.#scanMethod(methodAt, end);
    if (targetAt < 0) return targetAt;
    const targetEnd = this.#scanTarget(targetAt, end);
    if (targetEnd < 0) return targetEnd;
    this.#methodAt = methodAt;
    this.#targetAt = targetAt;
    this.#targetEnd = targetEnd;
    return this.#scanVersionAndEnd(methodAt, targetEnd + 1, end);
  }

  #skipEmptyLine(end: number): ScanResult {
    if (end === 0) return PARTIAL;
    return scratch[0] === CR ? this.scanLineEnd(0, end, 'bare-cr') : 0;
  }

  /** Answers where the target starts. */
  #scanMethod(start: number, end: number): ScanResult {
    let at = start;
    while (TOKEN[scratch[at]!] !== 0) at++;
    if (at - start > METHOD_BYTES_MAX) return this.reject('unsupported-method');
    if (at === end) return PARTIAL;
    return at > start && scratch[at] === SP ? at + 1 : this.reject('bad-method');
  }

  /** Answers where the target ends: at the one space before the version. */
  #scanTarget(start: number, end: number): ScanResult {
    let at = start;
    while (TARGET[scratch[at]!] === 1) at++;
    this.#queryAt = at;
    while (TARGET[scratch[at]!] !== 0) at++;
    if (at - start > this.limits.targetBytes) return this.reject('target-too-long');
    if (at === end) return PARTIAL;
    const byte = scratch[at];
    // A line that ends here is a request of HTTP/0.9, which has no version.
    if (byte === CR || byte === LF) return this.reject('bad-request-line');
    return at > start && byte === SP ? at : this.reject('bad-target');
  }

  /** Answers where the fields start. */
  #scanVersionAndEnd(methodAt: number, start: number, end: number): ScanResult {
    const version = scanVersion(start, end);
    if (version === PARTIAL) return PARTIAL;
    if (version === REJECTED) return this.reject('bad-request-line');
    if (version === UNSUPPORTED) return this.reject(versionFault(methodAt, start));
    this.minorVersion = version;
    return this.scanLineEnd(start + VERSION_LENGTH, end, 'bad-request-line');
  }

  protected override interpret(): RejectionReason | undefined {
    this.method = this.#readMethod();
    if (this.method === 'CONNECT') return 'unsupported-method';
    this.host = '';
    this.expectsContinue = false;
    this.acceptsTrailers = false;
    const fault = this.interpretFields(READ_FIELDS);
    if (fault !== undefined) return fault;
    if (this.host === '' && this.minorVersion === 1) return 'missing-host';
    return this.#readTarget();
  }

  /** The methods of nearly every request need no string of their own. */
  #readMethod(): string {
    if (this.text.startsWith('GET ', this.#methodAt)) return 'GET';
    if (this.text.startsWith('POST ', this.#methodAt)) return 'POST';
    return this.text.slice(this.#methodAt, this.#targetAt - 1);
  }

  #readTarget(): RejectionReason | undefined {
    const target = this.text.slice(this.#targetAt, this.#targetEnd);
    this.isAbsolute = !isDirectTarget(target, this.method);
    this.target = target;
    this.#pathEnd = this.#queryAt - this.#targetAt;
    return this.isAbsolute ? this.#readAbsoluteTarget(target) : undefined;
  }

  #readAbsoluteTarget(received: string): RejectionReason | undefined {
    const absolute = readAbsoluteTarget(received, this.method);
    if (typeof absolute === 'string') return absolute;
    this.host = absolute.authority;
    this.target = absolute.target;
    const queryAt = absolute.target.indexOf('?');
    this.#pathEnd = queryAt < 0 ? absolute.target.length : queryAt;
    return undefined;
  }

  protected override readField(kind: number, value: string): RejectionReason | undefined {
    switch (kind) {
      case FieldKind.host:
        return this.#readHost(value);
      case FieldKind.expect:
        this.expectsContinue = this.minorVersion === 1 && isToken(value, '100-continue');
        return undefined;
      case FieldKind.te:
        this.acceptsTrailers ||= value === 'trailers' || listMembers(value).includes('trailers');
        return undefined;
      default:
        return super.readField(kind, value);
    }
  }

  #readHost(value: string): RejectionReason | undefined {
    if (this.host !== '') return 'duplicate-host';
    if (!isAuthority(value)) return 'bad-host';
    this.host = value;
    return undefined;
  }
}

/** HTTP/2 with prior knowledge announces itself as a request for `*` with the method PRI. */
function versionFault(methodAt: number, versionAt: number): RejectionReason {
  const isPreface = scratch.toString('latin1', methodAt, versionAt + VERSION_LENGTH) === 'PRI * HTTP/2.0';
  return isPreface ? 'http2-preface' : 'unsupported-version';
}
