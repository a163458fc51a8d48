/** What the debug headers of a response say of its session. Absent parts were not said. */
export interface Trace {
  readonly node?: string;
  /** As the proxy names it: `shop/a`. */
  readonly endpoint?: string;
  readonly outcome?: string;
  readonly reason?: string;
  readonly pinVersion?: number;
}

/** Reads `Holdfast-Node`, `-Endpoint`, `-Outcome` and `-Pin`; `header` answers a header by its lower-case name. */
export function readTrace(header: (name: string) => string | undefined): Trace {
  const node = header('holdfast-node');
  const endpoint = header('holdfast-endpoint');
  const [outcome, ...details] = (header('holdfast-outcome') ?? '').split(';').map((part) => part.trim());
  const reason = parameter(details, 'reason');
  const version = parameter(
    (header('holdfast-pin') ?? '').split(';').map((part) => part.trim()),
    'version',
  );
  return {
    ...(node !== undefined && { node }),
    ...(endpoint !== undefined && { endpoint }),
    ...(outcome && { outcome }),
    ...(reason !== undefined && { reason }),
    ...(version !== undefined && { pinVersion: Number(version) }),
  };
}

const parameter = (parts: readonly string[], name: string): string | undefined =>
  parts.find((part) => part.startsWith(`${name}=`))?.slice(name.length + 1);
