import type { Clock, NodeId } from '@holdfast/shared';
import type { RequestRecorder } from '../forward/request-record.ts';
import type { ConnectionRecorder } from '../layer4/connection-record.ts';
import { AccessLog } from '../record/access-log.ts';
import { allConnectionRecorders, ConnectionCounters } from '../record/connection-counters.ts';
import { ConnectionLog } from '../record/connection-log.ts';
import { allRecorders, type RequestCount, RequestCounters } from '../record/request-counters.ts';
import type { TrafficLog } from '../record/traffic-log.ts';
import type { Metrics } from '../telemetry/metrics.ts';

export interface NodeRecorderParts {
  /** Takes a line of the access log; undefined where there is none. */
  readonly access: ((line: string) => void) | undefined;
  readonly node: NodeId;
  readonly clock: Clock;
  readonly metrics: Pick<Metrics, 'requests' | 'connections'> | undefined;
  readonly traffic: TrafficLog;
  /** Undefined where no traces are made. */
  readonly traces: (RequestRecorder & ConnectionRecorder) | undefined;
}

/** Who is told of what passes through a process, and what is counted of it for its status. */
export interface NodeRecorders {
  readonly requests: RequestRecorder;
  readonly connections: ConnectionRecorder;
  readonly requestCount: RequestCount;
  readonly connectionCounters: ConnectionCounters;
}

/** Only those are told whom the configuration asks for, as each of them costs something with every request. */
export function nodeRecorders(parts: NodeRecorderParts): NodeRecorders {
  const { access, node, clock, metrics, traffic, traces } = parts;
  const requestCounters = metrics?.requests ?? new RequestCounters();
  const connectionCounters = new ConnectionCounters();
  return {
    requests: traffic.beside(
      allRecorders(wanted([requestCounters, access && new AccessLog(access, node, clock), traces])),
    ),
    connections: allConnectionRecorders(
      wanted([
        connectionCounters,
        traffic,
        access && new ConnectionLog(access, node, clock),
        metrics?.connections,
        traces,
      ]),
    ),
    requestCount: requestCounters,
    connectionCounters,
  };
}

const wanted = <Recorder>(recorders: readonly (Recorder | undefined)[]): readonly Recorder[] =>
  recorders.filter((recorder) => recorder !== undefined);
