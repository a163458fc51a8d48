/** A query of a panel: what is asked of Prometheus, and how its series are called. */
export interface Query {
  readonly expr: string;
  /** With labels in double braces: `{{instance}}`. */
  readonly legend: string;
}

export const query = (legend: string, expr: string): Query => ({ expr: onOneLine(expr), legend });

/** Expressions are written over several lines where that is easier to read. */
const onOneLine = (expr: string): string =>
  expr
    .trim()
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/\( | \)/g, (found) => found.trim());

/**
 * Series of the cluster and the nodes that are chosen. Both labels are there whichever way metrics come: a scrape has the
 * job's name and the address that was scraped, OTLP has `service.name` and `service.instance.id`.
 */
export const HERE = 'job="$job",instance=~"$node"';

/** … and of the pools that are chosen. */
export const IN_POOL = `${HERE},holdfast_pool=~"$pool"`;

/** … and of the endpoints that are chosen. */
export const AT_ENDPOINT = `${IN_POOL},holdfast_endpoint=~"$endpoint"`;

const BY_ENDPOINT = 'holdfast_pool,holdfast_endpoint';

/** What happens in a second, as Grafana chooses the window. */
export const rate = (series: string): string => `rate(${series}[$__rate_interval])`;

export const rateBy = (labels: string, series: string): string => `sum by (${labels}) (${rate(series)})`;

export const quantile = (share: number, bucketSeries: string, by?: string): string =>
  `histogram_quantile(${share}, sum by (${by === undefined ? '' : `${by},`}le) (${rate(bucketSeries)}))`;

/** Attempts at endpoints that brought no answer, or one of 5xx, and not because the client had left. */
export const FAILED_ATTEMPT = 'http_response_status_code!~"[1-4]..",error_type!~"DOWNSTREAM_.*"';

/** Errors that are not the client's. */
const NOT_THE_CLIENTS = 'error_type=~"(UPSTREAM|STORE|INTERNAL).*"';

/** Requests in a second that were answered with 5xx, or broken off after another status had been sent. */
export function failedBy(labels: string, where: string): string {
  const requests = 'http_server_request_duration_seconds_count';
  const answered = rate(`${requests}{${where},http_response_status_code=~"5.."}`);
  const brokenOff = rate(`${requests}{${where},http_response_status_code!~"5..",${NOT_THE_CLIENTS}}`);
  return `sum by (${labels}) (${answered} or ${brokenOff})`;
}

/** Every node tells the same of the session map: of what all say, one is taken, and nothing is added up. */
export const pinsBy = (where: string): string => `max by (${BY_ENDPOINT}) (holdfast_affinity_pins{${where}})`;

/** A ratio that is 0, and not missing, while its numerator has no series. */
export const ratio = (part: string, whole: string): string => `((${part}) or vector(0)) / (${whole})`;

/**
 * Of gauges that are 1 for the state that holds, the number of the state: its place in `states`. Where nodes differ, the
 * last of them in that order counts.
 */
export function stateBy(
  labels: string,
  metric: string,
  label: string,
  states: readonly string[],
  where = HERE,
): string {
  const numbered = states.map((state, index) => `(${metric}{${where},${label}="${state}"} == 1) * ${index}`);
  return `max by (${labels}) (${numbered.join(' or ')})`;
}
