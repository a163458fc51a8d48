import type { Html } from './page.ts';
import { endpointsRegion } from './pages/endpoints-region.ts';
import { nodesRegion } from './pages/nodes-region.ts';
import type { Sample } from './sample.ts';

/**
 * The parts of pages that are kept up to date while somebody looks, by the topic of the feed that they follow. An element with
 * that topic as its `data-topic` holds what is rendered here.
 */
export const REGIONS: Readonly<Record<string, (sample: Sample) => Html>> = {
  endpoints: endpointsRegion,
  nodes: nodesRegion,
};
