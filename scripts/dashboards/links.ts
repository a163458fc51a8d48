import type { DataLink } from './panel.ts';
import { clicked, placeholder } from './placeholder.ts';

/** The uid of each datasource, as infra/grafana/provisioning has it. */
export const DATASOURCES = { tempo: 'tempo', loki: 'loki' } as const;

/** The endpoint of the series that is clicked on. */
export const CLICKED_ENDPOINT = clicked('holdfast_endpoint');

/** The drill-down of the endpoint that is clicked on, with the same cluster, nodes and time. */
export const toEndpoint: DataLink = {
  title: 'This endpoint',
  url:
    `/d/holdfast-endpoint?var-pool=${clicked('holdfast_pool')}&var-endpoint=${CLICKED_ENDPOINT}&` +
    ['datasource:queryparam', 'job:queryparam', 'node:queryparam', '__url_time_range']
      .map(placeholder)
      .join('&'),
};

/** Traces in Tempo by a TraceQL query, in the time that the dashboard shows. */
export const tracesOf = (title: string, traceql: string): DataLink => ({
  title,
  url: explore({
    datasource: DATASOURCES.tempo,
    queries: [
      {
        refId: 'A',
        datasource: { type: 'tempo', uid: DATASOURCES.tempo },
        queryType: 'traceql',
        tableType: 'traces',
        limit: 50,
        query: traceql,
      },
    ],
  }),
});

/** Lines of the access log in Loki, in the time that the dashboard shows. */
export const linesOf = (title: string, logql: string): DataLink => ({
  title,
  url: explore({
    datasource: DATASOURCES.loki,
    queries: [
      {
        refId: 'A',
        datasource: { type: 'loki', uid: DATASOURCES.loki },
        queryType: 'range',
        editorMode: 'code',
        expr: logql,
      },
    ],
  }),
});

/** What Explore is to open. Variables stay as they are, since Grafana looks for them before it decodes the address. */
function explore(pane: Readonly<Record<string, unknown>>): string {
  const panes = JSON.stringify({
    a: { ...pane, range: { from: placeholder('__from'), to: placeholder('__to') } },
  });
  const encoded = panes
    .split(/(\$\{[^}]+\})/)
    .map((part) => (part.startsWith('${') ? part : encodeURIComponent(part)))
    .join('');
  return `/explore?schemaVersion=1&orgId=1&panes=${encoded}`;
}
