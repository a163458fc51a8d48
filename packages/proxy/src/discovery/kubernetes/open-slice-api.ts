import { HoldfastError } from '@holdfast/shared';
import type { DiscoveryConfigOf } from '@holdfast/shared/config';
import type { KubeConfig } from '@kubernetes/client-node';
import type { SliceApi, SliceEvent, SliceWatch, WatchEnd } from './slice-api.ts';

type Client = typeof import('@kubernetes/client-node');
type KubernetesConfig = DiscoveryConfigOf<'kubernetes'>;

/** What the API answers of a version that it no longer knows. */
const GONE = 410;

/**
 * The Kubernetes API through the client that its makers maintain. It is optional, since it is large and few need it.
 *
 * @throws HoldfastError `INTERNAL` if it is not installed, or cannot be told how to reach the API
 */
export async function openSliceApi(config: KubernetesConfig): Promise<SliceApi> {
  const client = await clientLibrary();
  const kubeConfig = kubeConfigOf(client, config);
  const { namespace, service } = config;
  const labelSelector = `kubernetes.io/service-name=${service}`;
  const path = `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`;
  const discovery = kubeConfig.makeApiClient(client.DiscoveryV1Api);
  const watch = new client.Watch(kubeConfig);
  return {
    async list() {
      const { items, metadata } = await discovery.listNamespacedEndpointSlice({ namespace, labelSelector });
      return { items, resourceVersion: metadata?.resourceVersion ?? '' };
    },
    async watch(resourceVersion, hear) {
      const query = { labelSelector, resourceVersion, allowWatchBookmarks: true };
      const watching = new Watching(hear);
      const controller = await watch.watch(
        path,
        query,
        (type, object) => watching.hear({ type, object }),
        (error) => watching.end(error),
      );
      return watching.connected(() => controller.abort());
    },
  };
}

async function clientLibrary(): Promise<Client> {
  try {
    return await import('@kubernetes/client-node');
  } catch (error) {
    throw new HoldfastError(
      'INTERNAL',
      'discovery of type kubernetes needs the package @kubernetes/client-node, which is not installed: npm install @kubernetes/client-node',
      error,
    );
  }
}

function kubeConfigOf(client: Client, { kubeconfig, context }: KubernetesConfig): KubeConfig {
  const loaded = new client.KubeConfig();
  try {
    if (kubeconfig === undefined) loaded.loadFromDefault();
    else loaded.loadFromFile(kubeconfig);
  } catch (error) {
    throw new HoldfastError('INTERNAL', `cannot read the kubeconfig ${kubeconfig ?? ''}`.trimEnd(), error);
  }
  if (context !== undefined) loaded.setCurrentContext(context);
  if (loaded.getCurrentCluster() !== null) return loaded;
  throw new HoldfastError(
    'INTERNAL',
    `no cluster in the kubeconfig for context ${loaded.getCurrentContext()}`,
  );
}

/** A watch, from its beginning: it may end before it is connected. */
class Watching {
  readonly #hear: (event: SliceEvent) => void;
  readonly #ended = Promise.withResolvers<WatchEnd>();
  #isExpired = false;
  #isOver = false;

  constructor(hear: (event: SliceEvent) => void) {
    this.#hear = hear;
  }

  hear(event: SliceEvent): void {
    // Whatever it is about, what comes after it is not all that there was: mostly that the version is too old (410).
    this.#isExpired ||= event.type === 'ERROR';
    if (!this.#isOver) this.#hear(event);
  }

  end(error: unknown): void {
    this.#isOver = true;
    const status = error !== null && typeof error === 'object' ? Reflect.get(error, 'statusCode') : undefined;
    if (this.#isExpired || status === GONE) this.#ended.resolve('expired');
    else if (error === null || isSilence(error)) this.#ended.resolve('over');
    else this.#ended.reject(error);
  }

  async connected(stop: () => void): Promise<SliceWatch> {
    if (this.#isOver) await this.#ended.promise;
    // Whoever has stopped it does not wait for its end.
    this.#ended.promise.catch(() => {});
    return { ended: this.#ended.promise, stop };
  }
}

/** The client gives up a connection on which nothing has come for half a minute. */
const isSilence = (error: unknown): boolean =>
  error instanceof Error && (error.name === 'TimeoutError' || error.name === 'AbortError');
