export * from './memory-store.ts';
export { SessionMap, type SessionMapOptions } from './session-map.ts';
