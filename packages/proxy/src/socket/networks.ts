import { BlockList, isIP } from 'node:net';

/** Addresses, alone or by their networks. */
export class Networks {
  readonly #list = new BlockList();

  /** @param networks addresses and networks in CIDR notation */
  constructor(networks: readonly string[]) {
    for (const network of networks) {
      const [address = '', prefix] = network.split('/');
      const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
      if (prefix === undefined) this.#list.addAddress(address, family);
      else this.#list.addSubnet(address, Number(prefix), family);
    }
  }

  /** Whether a text is an address that is among them. An IPv4 address within IPv6 (`::ffff:1.2.3.4`) counts as that. */
  has(address: string): boolean {
    const version = isIP(address);
    return version !== 0 && this.#list.check(address, version === 6 ? 'ipv6' : 'ipv4');
  }
}
