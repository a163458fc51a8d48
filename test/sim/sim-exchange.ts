import { valuesOf } from '../../packages/proxy/src/testing/response-head.ts';
import { TestExchange } from '../../packages/proxy/src/testing/test-exchange.ts';

/** The exchange of one request of a simulated client. */
export class SimExchange extends TestExchange {
  /** The node has ended: what it still says reaches nobody. */
  isCutOff = false;

  get status(): number | undefined {
    return this.isCutOff || this.isAborted ? undefined : this.response?.status;
  }

  /** The endpoint that has answered, by its own word. */
  get servedBy(): string | undefined {
    return this.status === undefined ? undefined : this.#values('x-served-by')[0];
  }

  /** The value of that cookie, if the response sets it. */
  cookie(name: string): string | undefined {
    const line = this.#values('set-cookie').find((value) => value.startsWith(`${name}=`));
    return line?.slice(name.length + 1).split(';', 1)[0];
  }

  #values(name: string): readonly string[] {
    return this.response === undefined ? [] : valuesOf(this.response.fields, name);
  }
}
