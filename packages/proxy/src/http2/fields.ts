/** Fields that speak of one connection of HTTP/1: in HTTP/2 they make a message malformed (RFC 9113 section 8.2.2). */
const OF_CONNECTION: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
]);

export const isOfConnection = (name: string): boolean => OF_CONNECTION.has(name);

const NAME = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * Field lines of a list of name, value, name, value as HTTP/2 brought it; undefined if one of them is malformed there
 * (RFC 9113 section 8.2) or would be another field, or none, on a line of HTTP/1.
 */
export function linesOf(list: readonly string[]): string | undefined {
  let lines = '';
  for (let index = 0; index + 1 < list.length; index += 2) {
    const name = list[index] as string;
    const value = list[index + 1] as string;
    if (!NAME.test(name) || !VALUE.test(value) || isOfConnection(name)) return undefined;
    lines += `${name}: ${value}\r\n`;
  }
  return lines;
}
