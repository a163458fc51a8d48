export * from './circuit.ts';
export * from './guarded-store.ts';
