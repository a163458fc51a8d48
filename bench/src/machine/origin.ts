/** Where a listener is reached, and whether it speaks TLS. Always on loopback. */
export interface Origin {
  readonly port: number;
  readonly secure: boolean;
}

/** The URL of an origin's root, as wrk reads it. */
export const urlOf = ({ port, secure }: Origin): string =>
  `${secure ? 'https' : 'http'}://127.0.0.1:${port}/`;
