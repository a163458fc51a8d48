import { framedBody, framingOf, type Traffic } from './traffic.ts';

/** The target that every request of the bench asks for. */
export const TARGET = '/api/cart?ref=nav&lang=en';

/** What Chrome sends with a same-origin fetch, in its order, without Host, Connection and Cookie. */
export const BROWSER_HEADERS: Readonly<Record<string, string>> = {
  'sec-ch-ua-platform': '"Windows"',
  'User-Agent':
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
  'sec-ch-ua': '"Chromium";v="142", "Google Chrome";v="142", "Not_A Brand";v="99"',
  'sec-ch-ua-mobile': '?0',
  Accept: 'application/json, text/plain, */*',
  'Sec-Fetch-Site': 'same-origin',
  'Sec-Fetch-Mode': 'cors',
  'Sec-Fetch-Dest': 'empty',
  Referer: 'https://shop.example.com/products/kelp-rope?color=green&size=20',
  'Accept-Encoding': 'gzip, deflate, br, zstd',
  'Accept-Language': 'en-GB,en;q=0.9,de;q=0.8',
};

export const HOST = 'shop.example.com';

/** The cookies that an application and its analytics have set; they differ between sessions as in life. */
export const applicationCookies = (session: number): string =>
  `_ga=GA1.1.${1_000_000_000 + session}.1763700000; theme=dark; consent=necessary.analytics; ` +
  `sid=s%3A${(0x10000000 + session).toString(16)}b1f04c7d93ae5562.Xq7mV0Zk2cR9`;

/** The Cookie header of a session: the application's cookies and the one that the proxy issued, if it has. */
export const cookieHeader = (session: number, stickyCookie?: string): string =>
  stickyCookie === undefined
    ? applicationCookies(session)
    : `${applicationCookies(session)}; ${stickyCookie}`;

/** The bytes of one request as a browser sends them: a POST if it has a body, else a GET. */
export function formatRequest(cookie: string, { body, closes }: Pick<Traffic, 'body' | 'closes'>): string {
  const fields = { ...framingOf(body), ...BROWSER_HEADERS };
  return [
    `${body === undefined ? 'GET' : 'POST'} ${TARGET} HTTP/1.1`,
    `Host: ${HOST}`,
    `Connection: ${closes ? 'close' : 'keep-alive'}`,
    ...Object.entries(fields).map(([name, value]) => `${name}: ${value}`),
    `Cookie: ${cookie}`,
    '',
    framedBody(body),
  ].join('\r\n');
}
