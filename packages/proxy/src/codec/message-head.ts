import { FieldKind, type FieldSet, fieldSet, isInFieldSet } from './field-kind.ts';
import { isToken, listMembers, parseContentLength } from './field-values.ts';
import { HeadParser } from './head-parser.ts';
import type { RejectionReason } from './rejection.ts';

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;

/** The fields that say where a message ends and what becomes of its connection. */
export const FRAMING_FIELDS: FieldSet = fieldSet('contentLength', 'transferEncoding', 'connection');

/**
 * The head of a request or response: what its recognised fields say about framing and connection, strictly. Whatever two
 * readers could take differently is rejected (RFC 9112 sections 6.1, 6.3 and 11.2).
 */
export abstract class MessageHeadParser extends HeadParser {
  /** The digit after `HTTP/1.`: 0 or 1. */
  minorVersion = 1;
  /** The value of `Content-Length`; -1 where there is none. */
  contentLength = -1;
  /** Whether the body comes in chunks. Never together with a content length. */
  isChunked = false;

  #closes = false;
  #keepsAlive = false;
  #upgrades = false;
  /** Only few connections have options beyond those above, so the list is made only for them. */
  #nominated: string[] | undefined;

  /** Whether the sender keeps the connection open for another message (RFC 9112 section 9.3). */
  get isPersistent(): boolean {
    return !this.#closes && (this.minorVersion === 1 || this.#keepsAlive);
  }

  /**
   * Whether both `Connection: upgrade` and `Upgrade` are there, in HTTP/1.1 (RFC 9110 section 7.8). The protocol is
   * `fields.value(fields.indexOf(FieldKind.upgrade))`.
   */
  get isUpgrade(): boolean {
    return this.#upgrades && this.minorVersion === 1 && isInFieldSet(this.fields.kinds, FieldKind.upgrade);
  }

  /** Reads the fields whose kinds are in `set`. */
  protected interpretFields(set: FieldSet): RejectionReason | undefined {
    this.contentLength = -1;
    this.isChunked = false;
    this.#closes = false;
    this.#keepsAlive = false;
    this.#upgrades = false;
    this.#nominated = undefined;
    const { fields } = this;
    let left = fields.kinds & set;
    for (let index = 0; left !== 0 && index < fields.count; index++) {
      const kind = fields.kind(index);
      if (!isInFieldSet(left, kind)) continue;
      const fault = this.readField(kind, fields.value(index));
      if (fault !== undefined) return fault;
      if (!isInFieldSet(fields.repeated, kind)) left &= ~(1 << kind);
    }
    for (const name of this.#nominated ?? []) fields.nominate(name);
    return this.isChunked ? this.#chunkedFault() : undefined;
  }

  protected readField(kind: number, value: string): RejectionReason | undefined {
    if (kind === FieldKind.connection) return this.#readConnection(value);
    return kind === FieldKind.contentLength
      ? this.#readContentLength(value)
      : this.#readTransferEncoding(value);
  }

  /** More names than a head has fields nominate nothing and only cost time: answers false for those. */
  #addNominated(option: string): boolean {
    this.#nominated ??= [];
    return this.#nominated.push(option) <= this.limits.fieldLines;
  }

  #readContentLength(value: string): RejectionReason | undefined {
    if (this.contentLength >= 0) return 'duplicate-content-length';
    const length = parseContentLength(value);
    if (length === undefined) return 'bad-content-length';
    this.contentLength = length;
    return undefined;
  }

  /** `chunked`, once: no other coding is in use on the web, and a chain of codings has no agreed end. */
  #readTransferEncoding(value: string): RejectionReason | undefined {
    if (this.isChunked || !isToken(value, 'chunked')) return 'bad-transfer-encoding';
    this.isChunked = true;
    return undefined;
  }

  #chunkedFault(): RejectionReason | undefined {
    if (this.contentLength >= 0) return 'length-and-chunked';
    return this.minorVersion === 0 ? 'chunked-in-http-1.0' : undefined;
  }

  #readConnection(value: string): RejectionReason | undefined {
    if (value === 'keep-alive') {
      this.#keepsAlive = true;
      return undefined;
    }
    for (const option of listMembers(value)) {
      if (option === 'close') this.#closes = true;
      else if (option === 'keep-alive') this.#keepsAlive = true;
      else if (option === 'upgrade') this.#upgrades = true;
      else if (!TOKEN.test(option) || !this.#addNominated(option)) return 'bad-connection';
    }
    return undefined;
  }
}
