/** The configuration of a node, for Bash: `$1` is its name and `$2` its address. */
const CONFIGURATION = `
cluster: { name: shop, node: $1 }
store: { url: "redis://127.0.0.1:6379", commandTimeout: 5s }
secrets: ["a secret of the cluster, 32 characters"]
admin: { listen: "$2:9900", token: "$HOLDFAST_ADMIN_TOKEN", endpointNetworks: [10.0.0.0/8] }
listeners: [{ name: web, listen: "$2:8080", pool: shop }]
pools:
  - name: shop
    endpoints:
      - { id: shop-1, url: "http://10.0.0.1:8080" }
      - { id: shop-2, url: "http://10.0.0.2:8080" }
      - { id: shop-3, url: "http://10.0.0.3:8080" }
    affinity: { type: cookie }
`;

/**
 * Starts what pages about a running cluster take for granted, for Bash, and waits until it is ready: three nodes with a Redis in
 * front of three endpoints, and one session. They are called and found as the pages have it.
 */
export const START_OF_CLUSTER = `
export HOLDFAST_ADMIN_TOKEN='a token for operators'
start_node() {
  cat > "$3" <<END
${CONFIGURATION}
END
  holdfast run -c "$3" > "$1.log" 2>&1 &
}
redis-server --port 6379 --save "" > redis.log &
node test/docs/cluster-endpoints.ts &
start_node node-1 127.0.0.1 holdfast.yaml
start_node node-2 10.0.1.1 node-2.yaml
start_node node-3 10.0.1.2 node-3.yaml
for address in 127.0.0.1 10.0.1.1 10.0.1.2; do
  until curl -sf -o ready.json http://$address:9900/readyz; do sleep 0.1; done
done
node test/docs/cluster-session.ts
# What operators have that the pages name.
stop-it() { :; }
`;
