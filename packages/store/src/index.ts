export * from './breaker/index.ts';
export * from './counted-store.ts';
export * from './drains.ts';
export * from './invalidations.ts';
export { NearCache, type NearCacheOptions, type NearEntry } from './near-cache.ts';
export * from './session-inventory.ts';
export * from './session-store.ts';
export * from './store.ts';
export { type TouchListener, TouchQueue } from './touch-queue.ts';
