/**
 * Who is at the other end of a client's connection. One for all requests of a connection, so that what follows from it
 * alone is worked out once.
 */
export class Peer {
  /** The address of the client, or of the last proxy before us. */
  readonly address: string;
  /** The port on which the connection arrived. */
  readonly localPort: number;
  readonly isTls: boolean;
  /** What the forwarding keeps of this peer: see `forward/forwarded-lines.ts`. */
  forwarded: { readonly host: string; readonly lines: string } | undefined = undefined;

  constructor(address: string, localPort: number, isTls: boolean) {
    this.address = canonicalAddress(address);
    this.localPort = localPort;
    this.isTls = isTls;
  }
}

/** An IPv4 address that a dual-stack socket reports as `::ffff:1.2.3.4` is written as `1.2.3.4`. */
export const canonicalAddress = (address: string): string =>
  address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
