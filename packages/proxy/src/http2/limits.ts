/** What one stream may send before it is read; Node reads a connection's bytes as they come, whichever stream waits. */
export const STREAM_WINDOW_BYTES = 128 * 1024;

/** What all streams of a connection may have under way: enough for a fast network of long delays. */
export const CONNECTION_WINDOW_BYTES = 1024 * 1024;

/**
 * Largest field section, as HTTP/2 counts it, with 32 bytes for each field. It leaves room above the codec's limits
 * (`codec/limits.ts`), so that a head that is moderately too large is answered, and not reset.
 */
export const FIELD_SECTION_BYTES_MAX = 32 * 1024;

/** Fields that are read of one message. As above. */
export const FIELDS_MAX = 150;

/** Memory that one connection may take, in MB: its windows, and what its field tables hold. */
export const CONNECTION_MEGABYTES_MAX = 32;
