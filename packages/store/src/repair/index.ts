export * from './repair.ts';
export * from './store-mode.ts';
