import { HoldfastError, type Logger, silentLogger } from '@holdfast/shared';
import type { RouteConfig } from '@holdfast/shared/config';
import type { Exchange } from '../exchange/exchange.ts';
import { respondWithError } from '../forward/error-response.ts';
import type { Forwarder, ListenerContext } from '../forward/forwarder.ts';
import { failureFields } from '../forward/forwarding.ts';
import type { RequestRecorder } from '../forward/request-record.ts';
import { unforwardedRecord } from '../forward/unforwarded-record.ts';
import { RouteTable } from './route-table.ts';

export interface DispatcherOptions {
  readonly routes: readonly RouteConfig[];
  readonly forwarders: ReadonlyMap<string, Forwarder>;
  readonly listener: ListenerContext;
  readonly newRequestId: () => string;
  readonly recorder: RequestRecorder;
  /** Default: nothing is told. */
  readonly log?: Logger;
}

/** The routes of a listener: hands each exchange to the pool of its route. */
export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #table: RouteTable<Forwarder>;

  constructor(options: DispatcherOptions) {
    this.#options = options;
    this.#table = new RouteTable(options.routes, ({ pool }) => options.forwarders.get(pool) as Forwarder);
  }

  /** Takes the exchange over; where a defect prevents that, answers it with 500. */
  serve(exchange: Exchange): void {
    try {
      this.dispatch(exchange);
    } catch (error) {
      this.refuse(exchange, HoldfastError.from(error));
    }
  }

  /** Takes the exchange over; where no route matches, answers it with 404. @throws for a defect in what takes it over */
  dispatch(exchange: Exchange): void {
    const { host, path } = exchange.request;
    const route = this.#table.find(host, path);
    if (route === undefined)
      this.refuse(exchange, new HoldfastError('DOWNSTREAM_NO_ROUTE', 'no route matches'));
    else route.target.forward(exchange, this.#options.listener, route.name);
  }

  /** Answers and records a request that comes to no pool. */
  refuse(exchange: Exchange, error: HoldfastError): void {
    const { listener, newRequestId, recorder, log = silentLogger } = this.#options;
    const { request, peer, trace } = exchange;
    const requestId = newRequestId();
    if (error.code === 'INTERNAL') log.error(failureFields(error, requestId, trace), error.message);
    const status = respondWithError(exchange, error, requestId);
    const known = {
      ...{ listener: listener.name, error: error.code },
      ...{ clientAddress: peer.address, isSecure: peer.isTls },
    };
    recorder.requestFinished(unforwardedRecord({ ...known, requestId, status, request, trace }));
  }
}
