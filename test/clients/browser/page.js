// What a test has the page do, in the browser. Every function answers with a plain value.

const hex = (buffer) =>
  Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, '0')).join('');

const sha256 = async (bytes) => hex(await crypto.subtle.digest('SHA-256', bytes));

globalThis.shop = {
  /** The endpoints that answer so many requests at once. */
  async whoAnswers(count) {
    const ask = async (number) =>
      (await fetch(`/?who=${number}`, { cache: 'no-store' })).headers.get('x-served-by');
    return [...new Set(await Promise.all(Array.from({ length: count }, (_, number) => ask(number))))];
  },

  bodyOf: async (path) => (await fetch(path)).text(),

  /** Reads a body piece by piece. */
  async download(path) {
    const { body } = await fetch(path, { cache: 'no-store' });
    const pieces = [];
    for await (const piece of body) pieces.push(piece);
    const whole = new Blob(pieces);
    return { length: whole.size, sha256: await sha256(await whole.arrayBuffer()) };
  },

  /** Sends bytes that repeat no earlier ones, and answers with what the endpoint says of them. */
  async upload(path, length) {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536));
    const response = await fetch(path, { method: 'PUT', body: bytes });
    return { sha256: await sha256(bytes), echo: await response.json() };
  },

  /** Sends texts over a WebSocket, and answers with what comes back. */
  converse: (path, texts) =>
    new Promise((resolve, reject) => {
      const socket = new WebSocket(new URL(path, location.href.replace(/^http/, 'ws')));
      const received = [];
      socket.onopen = () => {
        for (const text of texts) socket.send(text);
      };
      socket.onmessage = ({ data }) => {
        received.push(data);
        if (received.length === texts.length) socket.close(1000);
      };
      socket.onclose = ({ code }) => resolve({ code, received });
      socket.onerror = () => reject(new Error(`no WebSocket at ${path}`));
    }),

  /** Listens to an event stream until so many events have come. */
  listen: (path, count) =>
    new Promise((resolve, reject) => {
      const source = new EventSource(path);
      const ids = [];
      source.onmessage = ({ lastEventId }) => {
        ids.push(lastEventId);
        if (ids.length < count) return;
        source.close();
        resolve(ids);
      };
      source.onerror = () => reject(new Error(`the events of ${path} broke off`));
    }),
};
