/** How many connections each client address has open, where there is a limit to it. */
export class ClientConnections {
  /** Those of a client that are open already stay when it becomes less. */
  perClientMax: number;
  readonly #counts = new Map<string, number>();

  constructor(perClientMax: number) {
    this.perClientMax = perClientMax;
  }

  /** Counts one more; or answers false, because the client has as many as it may have. */
  enter(address: string): boolean {
    const count = this.#counts.get(address) ?? 0;
    if (count >= this.perClientMax) return false;
    this.#counts.set(address, count + 1);
    return true;
  }

  /** One that was counted is gone. */
  leave(address: string): void {
    const count = this.#counts.get(address) ?? 0;
    if (count > 1) this.#counts.set(address, count - 1);
    else this.#counts.delete(address);
  }

  /** Addresses with a connection: what is gone is forgotten. */
  get size(): number {
    return this.#counts.size;
  }
}
