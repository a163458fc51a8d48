import { type CancelTimer, type Clock, HoldfastError, type Random } from '@holdfast/shared';
import type { DiscoveryConfigOf } from '@holdfast/shared/config';
import { failed, type HearAnswer, type Registry } from '../registry.ts';
import { type EndpointSlice, endpointSlice, sliceEndpoints } from './endpoint-slice.ts';
import type { SliceApi, SliceEvent, SliceWatch } from './slice-api.ts';

/** After a failure, and from one watch to the next where they end at once; give or take a half. */
const PAUSE_MS = 1_000;
const LIST_WITHIN_MS = 10_000;

export interface KubernetesRegistryParts {
  readonly open: () => Promise<SliceApi>;
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * Names the endpoints of a Service: lists its EndpointSlices, and watches them from there. A watch that ends goes on where it
 * was; where the API has forgotten that, or refuses, all is listed again.
 */
export class KubernetesRegistry implements Registry {
  readonly #config: Pick<DiscoveryConfigOf<'kubernetes'>, 'port' | 'scheme'>;
  readonly #parts: KubernetesRegistryParts;
  readonly #slices = new Map<string, EndpointSlice>();
  #hear: HearAnswer | undefined;
  /** Up to where changes are known; undefined where all must be listed. */
  #version: string | undefined;
  #watch: SliceWatch | undefined;
  #cancel: CancelTimer = () => {};

  constructor(
    config: Pick<DiscoveryConfigOf<'kubernetes'>, 'port' | 'scheme'>,
    parts: KubernetesRegistryParts,
  ) {
    this.#config = config;
    this.#parts = parts;
  }

  async start(hear: HearAnswer): Promise<void> {
    this.#hear = hear;
    void this.#run(await this.#parts.open());
  }

  stop(): void {
    this.#hear = undefined;
    this.#watch?.stop();
    this.#cancel();
  }

  async #run(api: SliceApi): Promise<void> {
    while (this.#hear !== undefined) {
      const startedAtMs = this.#parts.clock.elapsed();
      try {
        this.#version ??= await this.#list(api);
        await this.#follow(api, this.#version);
      } catch (error) {
        this.#hear?.(failed(error));
      }
      const wasShort = this.#parts.clock.elapsed() - startedAtMs < PAUSE_MS;
      if (wasShort && this.#hear !== undefined) await this.#pause();
    }
  }

  async #list(api: SliceApi): Promise<string> {
    const { items, resourceVersion } = await this.#inTime(api.list());
    const slices = items.map((item) => endpointSlice.parse(item));
    this.#slices.clear();
    for (const slice of slices) this.#slices.set(slice.metadata.name, slice);
    return resourceVersion;
  }

  async #follow(api: SliceApi, version: string): Promise<void> {
    const watch = await this.#connect(api, version);
    if (this.#hear === undefined) return watch.stop();
    this.#watch = watch;
    this.#tell();
    if ((await watch.ended) === 'expired') this.#version = undefined;
  }

  /** An API that refuses a version may do so for ever, as one does that was set back: all is listed then. */
  async #connect(api: SliceApi, version: string): Promise<SliceWatch> {
    try {
      return await api.watch(version, (event) => this.#take(event));
    } catch (error) {
      this.#version = undefined;
      throw error;
    }
  }

  #take({ type, object }: SliceEvent): void {
    if (this.#hear === undefined || type === 'ERROR') return;
    const bookmark = bookmarkOf(object);
    if (type === 'BOOKMARK') {
      this.#version = bookmark ?? this.#version;
      return;
    }
    const slice = endpointSlice.safeParse(object);
    if (!slice.success) return this.#listAgain();
    const { name, resourceVersion } = slice.data.metadata;
    if (type === 'DELETED') this.#slices.delete(name);
    else this.#slices.set(name, slice.data);
    this.#version = resourceVersion;
    this.#tell();
  }

  #tell(): void {
    const endpoints = sliceEndpoints(this.#slices.values(), this.#config);
    this.#hear?.({ kind: 'named', endpoints });
  }

  /** What cannot be read as a change says more when everything is listed, or why it cannot be read. */
  #listAgain(): void {
    this.#version = undefined;
    this.#watch?.stop();
  }

  #pause(): Promise<void> {
    const { clock, random } = this.#parts;
    return new Promise((resolve) => {
      this.#cancel = clock.after(PAUSE_MS * (0.5 + random.unit()), resolve);
    });
  }

  async #inTime<Result>(work: Promise<Result>): Promise<Result> {
    const late = Promise.withResolvers<never>();
    const error = new HoldfastError(
      'INTERNAL',
      `the Kubernetes API did not answer within ${LIST_WITHIN_MS} ms`,
    );
    const cancel = this.#parts.clock.after(LIST_WITHIN_MS, () => late.reject(error));
    try {
      return await Promise.race([work, late.promise]);
    } finally {
      cancel();
    }
  }
}

function bookmarkOf(object: unknown): string | undefined {
  const version = Reflect.get(Object(Reflect.get(Object(object), 'metadata')), 'resourceVersion');
  return typeof version === 'string' ? version : undefined;
}
