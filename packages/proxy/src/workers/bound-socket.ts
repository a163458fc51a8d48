import { lookup } from 'node:dns/promises';
import * as net from 'node:net';
import { getSystemErrorMessage, getSystemErrorName } from 'node:util';
import type { ListenAddress } from '@holdfast/shared/config';

/**
 * A socket that has its address and accepts nobody: those who are given its handle do. As long as one process has it
 * open, clients that connect wait for the next one that accepts, and are not refused.
 */
export interface BoundSocket {
  /** With the port that the system chose where 0 was asked for. */
  readonly address: ListenAddress;
  /** What `subprocess.send()` passes on. */
  readonly handle: SocketHandle;
  close(): void;
}

/** What this file knows of Node's own object for a socket. */
export interface SocketHandle {
  /** Answers 0 and fills in the address, or answers why there is none. */
  getsockname(address: Partial<net.AddressInfo>): number;
  close(): void;
}

/** That an address cannot be had, as the system says it. */
export class AddressRefused extends Error {
  override readonly name = 'AddressRefused';
  /** `EADDRINUSE`, `EACCES`, … */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * What `net.Server` and `node:cluster` bind by. Every documented way to have an address begins to accept on it as well,
 * so this is the one file that uses what is not documented.
 */
type CreateServerHandle = (host: string, port: number, addressType: number) => SocketHandle | number;
const { _createServerHandle: createServerHandle } = net as unknown as {
  readonly _createServerHandle: CreateServerHandle;
};

/** Binds an address, by the first answer to its name if it is one. @throws AddressRefused if it cannot be had */
export async function bindSocket({ host, port }: ListenAddress): Promise<BoundSocket> {
  const { address, family } = await lookup(host).catch((error: NodeJS.ErrnoException) => {
    throw new AddressRefused(error.code ?? 'ENOTFOUND', error.message);
  });
  const handle = createServerHandle(address, port, family);
  if (typeof handle === 'number') throw refusal(handle, { host, port });
  const bound: Partial<net.AddressInfo> = {};
  // That an address is taken does not show before it is asked for.
  const status = handle.getsockname(bound);
  if (status === 0)
    return { address: { host, port: bound.port ?? port }, handle, close: () => handle.close() };
  handle.close();
  throw refusal(status, { host, port });
}

/** In the words that `server.listen()` has for it. */
function refusal(status: number, { host, port }: ListenAddress): AddressRefused {
  const code = getSystemErrorName(status);
  return new AddressRefused(code, `listen ${code}: ${getSystemErrorMessage(status)} ${host}:${port}`);
}
