/** An endpoint of a slice: a pod that is ready. */
export const sliceEndpoint = (address: string, pod: string) => ({
  addresses: [address],
  conditions: { ready: true, serving: true, terminating: false },
  targetRef: { kind: 'Pod', name: pod, uid: `uid of ${pod}` },
});

/** An EndpointSlice of the Service `shop` as the API tells it, at a version of the cluster. */
export const slice = (name: string, endpoints: readonly object[], version = 1) => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: {
    name,
    namespace: 'default',
    resourceVersion: String(version),
    labels: { 'kubernetes.io/service-name': 'shop' },
  },
  addressType: 'IPv4',
  endpoints,
  ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
});
