import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A pod behind a Service, as a slice tells of it. */
export interface Pod {
  readonly address: string;
  readonly name: string;
  readonly uid: string;
  readonly conditions: { readonly ready: boolean; readonly serving: boolean; readonly terminating: boolean };
}

/** What the API was asked: a list, or a watch from a version on. */
export interface ApiRequest {
  readonly kind: 'list' | 'watch';
  readonly path: string;
  readonly selector: string | null;
  readonly version: string | null;
  readonly authorization: string | undefined;
}

interface Change {
  readonly version: number;
  readonly line: string;
}

const READY = { ready: true, serving: true, terminating: false };

export const pod = (address: string, name: string, conditions: Pod['conditions'] = READY): Pod => ({
  address,
  name,
  uid: `uid-of-${name}`,
  conditions,
});

/**
 * The part of the Kubernetes API that serves EndpointSlices: list, and watch with bookmarks, that forgets and breaks off
 * when a test says so.
 */
export class KubernetesApi {
  readonly requests: ApiRequest[] = [];
  readonly #port: number;
  readonly #server: Server;
  readonly #slices = new Map<string, object>();
  readonly #watches = new Set<ServerResponse>();
  #changes: readonly Change[] = [];
  #version = 100;
  #oldestKnown = 0;
  #refuses = false;

  /** @param port at which the pods of its slices answer */
  static async start(port: number): Promise<KubernetesApi> {
    const api = new KubernetesApi(port);
    api.#server.listen(0, '127.0.0.1');
    await once(api.#server, 'listening');
    return api;
  }

  private constructor(port: number) {
    this.#port = port;
    this.#server = createServer((request, response) => this.#answer(request, response));
  }

  /** How a program is told to reach it. */
  get kubeconfig(): string {
    return JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'test',
      contexts: [{ name: 'test', context: { cluster: 'test', user: 'holdfast' } }],
      // The client speaks without TLS only to those who say that they want none.
      clusters: [{ name: 'test', cluster: { server: this.#origin, 'insecure-skip-tls-verify': true } }],
      users: [{ name: 'holdfast', user: { token: 'a token' } }],
    });
  }

  get #origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get watches(): number {
    return this.#watches.size;
  }

  /** Has a slice of the Service `shop` name these pods. */
  setSlice(name: string, pods: readonly Pod[]): void {
    const isNew = !this.#slices.has(name);
    this.#slices.set(name, this.#sliceOf(name, ++this.#version, pods));
    this.#tell(isNew ? 'ADDED' : 'MODIFIED', this.#slices.get(name));
  }

  removeSlice(name: string): void {
    const last = this.#slices.get(name);
    this.#slices.delete(name);
    this.#version += 1;
    this.#tell('DELETED', { ...last, metadata: this.#metadataOf(name, this.#version) });
  }

  /** Tells who watches how far the cluster is, though nothing of theirs has changed. */
  bookmark(): void {
    this.#version += 50;
    const metadata = { resourceVersion: String(this.#version) };
    for (const watch of this.#watches)
      watch.write(`${JSON.stringify({ type: 'BOOKMARK', object: { kind: 'EndpointSlice', metadata } })}\n`);
  }

  /** Forgets what has changed until now, and tells who watches that they must list again. */
  expire(): void {
    this.forget();
    for (const watch of this.#watches)
      watch.end(
        `${JSON.stringify({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } })}\n`,
      );
    this.#watches.clear();
  }

  /** Forgets what has changed until now: who asks for that is answered 410. */
  forget(): void {
    this.#version += 1;
    this.#oldestKnown = this.#version;
    this.#changes = [];
  }

  /** Breaks off all watches. */
  disconnect(): void {
    for (const watch of this.#watches) watch.destroy();
    this.#watches.clear();
  }

  /** Whether it answers everybody 500. */
  refuse(refuses: boolean): void {
    this.#refuses = refuses;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://api');
    const isWatch = searchParams.get('watch') === 'true';
    const version = searchParams.get('resourceVersion');
    this.requests.push({
      kind: isWatch ? 'watch' : 'list',
      path: pathname,
      selector: searchParams.get('labelSelector'),
      version,
      authorization: request.headers.authorization,
    });
    response.setHeader('Content-Type', 'application/json');
    if (this.#refuses) return void response.writeHead(500).end(statusText(500));
    if (isWatch) return this.#watch(response, Number(version));
    const metadata = { resourceVersion: String(this.#version) };
    const list = { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSliceList', metadata };
    response.end(JSON.stringify({ ...list, items: [...this.#slices.values()] }));
  }

  #watch(response: ServerResponse, since: number): void {
    if (since < this.#oldestKnown) return void response.writeHead(410).end(statusText(410));
    response.writeHead(200).flushHeaders();
    for (const { version, line } of this.#changes) if (version > since) response.write(line);
    this.#watches.add(response);
    response.once('close', () => this.#watches.delete(response));
  }

  #tell(type: string, object: unknown): void {
    const line = `${JSON.stringify({ type, object })}\n`;
    this.#changes = [...this.#changes, { version: this.#version, line }];
    for (const watch of this.#watches) watch.write(line);
  }

  #sliceOf(name: string, version: number, pods: readonly Pod[]): object {
    return {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: this.#metadataOf(name, version),
      addressType: 'IPv4',
      endpoints: pods.map(({ address, name: podName, uid, conditions }) => ({
        addresses: [address],
        conditions,
        targetRef: { kind: 'Pod', namespace: 'store', name: podName, uid },
      })),
      ports: [{ name: 'http', port: this.#port, protocol: 'TCP' }],
    };
  }

  #metadataOf(name: string, version: number): object {
    return {
      name,
      namespace: 'store',
      resourceVersion: String(version),
      labels: { 'kubernetes.io/service-name': 'shop' },
    };
  }
}

const statusText = (code: number): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'Status', status: 'Failure', code });
