/** What differs between the nodes of the demo, and what they must share. */
export interface NodeSettings {
  readonly node: string;
  readonly port: number;
  readonly adminPort: number;
  /** The file of the session map that both nodes share. */
  readonly storeFile: string;
  readonly secret: string;
  readonly supervisorPort: number;
  readonly endpoints: readonly { readonly id: string; readonly port: number }[];
}

/** The configuration file of one node, written as a person would write it. */
export function nodeConfig(settings: NodeSettings): string {
  const { node, port, adminPort, storeFile, secret, supervisorPort, endpoints } = settings;
  const shopEndpoints = endpoints.map(
    ({ id, port }) => `      - { id: ${id}, url: "http://127.0.0.1:${port}" }`,
  );
  return `# One of the two nodes of the Holdfast demo. The other differs only in its name and ports.
cluster: { name: demo, node: ${node} }
# On a machine that is busy with other things, a request rather waits than goes on without the session map.
store: { url: ${JSON.stringify(`sqlite:${storeFile}`)}, commandTimeout: 1s }
secrets: [ ${JSON.stringify(secret)} ]
admin: { listen: "127.0.0.1:${adminPort}" }
log: { level: warn, access: false }
shutdown: { delay: 0s, deadline: 2s }
listeners:
  - name: web
    listen: "127.0.0.1:${port}"
    debugHeaders: true
    routes:
      - match: { path: /_demo }
        pool: demo
      - pool: shop
pools:
  - name: shop
    balance: round-robin
    endpoints:
${shopEndpoints.join('\n')}
    affinity: { type: cookie, name: _srv_id }
    healthCheck: { path: /healthz, interval: 250ms, timeout: 250ms, healthyAfter: 2, unhealthyAfter: 2 }
  - name: demo
    endpoints:
      - { id: supervisor, url: "http://127.0.0.1:${supervisorPort}" }
`;
}
