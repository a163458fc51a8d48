export type { ConfigPath } from './config-path.ts';
export { effectiveYaml, showableYaml } from './effective.ts';
export { type EndpointKind, endpointKind, endpointOrigin } from './fields.ts';
export type { Environment } from './interpolate.ts';
export { configJsonSchema, type JsonSchema } from './json-schema.ts';
export * from './listen-address.ts';
export { type ParsedConfig, type ParseOptions, parseConfig } from './parse-config.ts';
export { type ConfigProblem, type Finding, formatProblem, formatWarning } from './problem.ts';
export * from './schema.ts';
