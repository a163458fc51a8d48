/** What a log line may carry: plain values under snake_case names. Never a raw session id, cookie or secret. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Where events of the process go. State transitions are `info`, decisions `debug`. */
export interface Logger {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
}

const ignore = (): void => {};

/** For code under test and for embedding: says nothing. */
export const silentLogger: Logger = { debug: ignore, info: ignore, warn: ignore, error: ignore };
