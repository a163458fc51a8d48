import {
  formatListenAddress,
  type ListenAddress,
  overlaps,
  parseListenAddress,
} from '@holdfast/shared/config';
import type { Draft, WrittenListener } from '../draft.ts';
import type { NginxDirective } from './nginx-directives.ts';

/** Where a `listen` directive listens, and how. */
export interface NginxListen {
  readonly directive: NginxDirective;
  readonly address: ListenAddress;
  readonly isTls: boolean;
  readonly isUdp: boolean;
  readonly isDefault: boolean;
  readonly hasProxyHeader: boolean;
}

/** Port 80 of every address, where a server names none. */
export const listensOf = (draft: Draft, server: NginxDirective): readonly NginxListen[] => {
  const directives = (server.block ?? []).filter(({ name }) => name === 'listen');
  const said = directives.length > 0 ? directives : [{ ...server, name: 'listen', args: ['80'] }];
  return said.flatMap((directive) => readListen(draft, directive) ?? []);
};

function readListen(draft: Draft, directive: NginxDirective): NginxListen | undefined {
  const [text = '', ...options] = directive.args;
  const address = addressOf(text);
  if (address === undefined) {
    draft.note(directive, `${text} is no address and port to listen on`);
    return undefined;
  }
  const isHttp2 = options.includes('http2') || options.includes('quic');
  if (isHttp2)
    draft.note(directive, 'HTTP/2 is spoken by https listeners with "server: node" (docs/guides/http2.md)');
  return {
    directive,
    address,
    isTls: options.includes('ssl'),
    isUdp: options.includes('udp'),
    isDefault: options.includes('default_server') || options.includes('default'),
    hasProxyHeader: options.includes('proxy_protocol'),
  };
}

function addressOf(text: string): ListenAddress | undefined {
  if (/^\d{1,5}$/.test(text)) return parseListenAddress(`:${text}`);
  const bare = text.replace(/^\*(?=:|$)/, '');
  return parseListenAddress(/:\d{1,5}$/.test(bare) && !/^\[[^\]]*$/.test(bare) ? bare : `${bare}:80`);
}

/** The listeners of an import, by where they listen: the system gives one socket to addresses that overlap. */
export class ListenerBook {
  readonly #draft: Draft;
  readonly #entries: {
    address: ListenAddress;
    readonly isUdp: boolean;
    readonly listener: WrittenListener;
  }[] = [];

  constructor(draft: Draft) {
    this.#draft = draft;
  }

  /** The listener of an address, and whether it is new. */
  at(
    listen: NginxListen,
    protocol: NonNullable<WrittenListener['protocol']>,
  ): { listener: WrittenListener; isNew: boolean } {
    const { address, isUdp, directive } = listen;
    const found = this.#entries.find((entry) => entry.isUdp === isUdp && overlaps(entry.address, address));
    if (found !== undefined) {
      this.#widen(found, listen);
      return { listener: found.listener, isNew: false };
    }
    const listener = this.#draft.addListener(directive, {
      name: this.#draft.nameFor('listener', `${protocol}-${address.port}`),
      listen: formatListenAddress(address),
      ...(protocol !== 'http' && { protocol }),
      routes: [],
    });
    this.#entries.push({ address, isUdp, listener });
    return { listener, isNew: true };
  }

  #widen(
    found: { address: ListenAddress; readonly listener: WrittenListener },
    { address, directive }: NginxListen,
  ): void {
    if (found.address.host === address.host || found.address.host === '::') return;
    const isWidest =
      address.host === '::' || (address.host === '0.0.0.0' && !found.address.host.includes(':'));
    const host = isWidest
      ? address.host
      : found.address.host === '0.0.0.0' && address.host.includes(':')
        ? '::'
        : found.address.host;
    found.address = { host, port: address.port };
    found.listener.listen = formatListenAddress(found.address);
    this.#draft.remark(
      found.listener,
      `${host === '::' ? 'This address stands for IPv4 and IPv6. ' : ''}It also takes what line ${directive.line} listens for.`,
    );
  }
}
