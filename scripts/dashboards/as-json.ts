/**
 * A type of Grafana's schema as it stands in a file. Its enums are declared for programs that import them; in JSON there are
 * only their texts.
 */
export type AsJson<T> = T extends string
  ? `${T}`
  : T extends number | boolean | null | undefined
    ? T
    : T extends object
      ? { [K in keyof T]: AsJson<T[K]> }
      : T;
