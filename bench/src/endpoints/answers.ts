/** How the nginx of the endpoints answers the requests of a case. */
export interface Answering {
  /** The length of the body of every answer. */
  readonly bytes: number;
  /** The file `answer` in the directory of the endpoints. */
  readonly file?: string;
  /** The locations of its configuration that answer below `/api/`, given its directory. */
  locations(directory: string): string;
}

const CART = JSON.stringify({
  cart: { id: '7c1d9a44', currency: 'EUR', total: 12_890 },
  items: [
    { sku: 'KELP-0042', title: 'Kelp rope, 20 m', quantity: 2, price: 4_450 },
    { sku: 'ROCK-0007', title: 'Mooring stone', quantity: 1, price: 3_990 },
  ],
});

/** Some 200 bytes of JSON, from memory. */
export const smallAnswer: Answering = {
  bytes: CART.length,
  locations: () => `location /api/ { return 200 '${CART}'; }`,
};

/** A body of `bytes`, from a file that stays open, as `sendfile` sends it. */
export const answerOfBytes = (bytes: number): Answering => ({
  bytes,
  file: 'k'.repeat(bytes),
  locations: (directory) => `location /api/ { root ${directory}; sendfile on; try_files /answer =404; }`,
});

/**
 * nginx answers from its configuration before it has read a request body. `mirror` makes it read all of it first;
 * the file that is then not found is where the answer comes from.
 */
const afterWholeBody = (answer: string): string => `
    location = /mirror { internal; return 204; }
    location /api/ { client_body_buffer_size 256k; mirror /mirror; log_not_found off; error_page 404 =200 /reply; }
    location = /reply { internal; ${answer} }`;

/** {@link smallAnswer}, once the whole request body has arrived. */
export const smallAnswerToBody: Answering = {
  bytes: CART.length,
  locations: () => afterWholeBody(`return 200 '${CART}';`),
};

/** A body of `bytes` in chunks of 1 KiB, once the whole request body has arrived. */
export const chunkedAnswerToBody = (bytes: number): Answering => ({
  bytes,
  file: 'k'.repeat(bytes),
  // A filter that might change the length makes nginx send chunks, one for each buffer.
  locations: (directory) =>
    afterWholeBody(
      `alias ${directory}/answer; sendfile off; output_buffers 1 1k; sub_filter_types *; sub_filter "none" "";`,
    ),
});
