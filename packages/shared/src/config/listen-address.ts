/** Where a listener accepts connections. Port 0 lets the system choose. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

const ADDRESS = /^(?:\[([0-9A-Fa-f:.]+)\]|([^[\]:\s]*)):(\d{1,5})$/;

/** Reads `host:port`, `[v6]:port` or `:port` (every IPv4 address). Undefined where the text is none of these. */
export function parseListenAddress(text: string): ListenAddress | undefined {
  const match = ADDRESS.exec(text);
  if (match === null) return undefined;
  const port = Number(match[3]);
  if (port > 65_535) return undefined;
  return { host: match[1] ?? (match[2] || '0.0.0.0'), port };
}

/** The text that {@link parseListenAddress} reads back. */
export const formatListenAddress = ({ host, port }: ListenAddress): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;

const IPV4_LOOPBACK = /^(?:::ffff:)?127(?:\.\d{1,3}){3}$/i;

/** Whether only processes of this machine can connect to the address. */
export const isLoopback = ({ host }: ListenAddress): boolean =>
  host === 'localhost' || host === '::1' || IPV4_LOOPBACK.test(host);

/** Whether the system would refuse to accept on both addresses at once. Port 0 never conflicts. */
export const overlaps = (a: ListenAddress, b: ListenAddress): boolean =>
  a.port !== 0 && a.port === b.port && (a.host === b.host || covers(a, b) || covers(b, a));

/** `0.0.0.0` stands for all addresses of IPv4, and `::` for those as well. */
const covers = ({ host: wide }: ListenAddress, { host }: ListenAddress): boolean =>
  wide === '::' || (wide === '0.0.0.0' && (!host.includes(':') || /^::ffff:/i.test(host)));
