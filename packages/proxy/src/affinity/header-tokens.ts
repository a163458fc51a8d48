import { type FindTokens, NO_TOKENS } from './token-source.ts';

/** The value of a request header. Of one that comes several times, all: an order among them would be a guess. */
export function headerTokens(name: string): FindTokens {
  const lowerCased = name.toLowerCase();
  return ({ fields }) => {
    let index = fields.find(lowerCased);
    if (index < 0) return NO_TOKENS;
    const tokens: string[] = [];
    for (; index >= 0; index = fields.find(lowerCased, index + 1)) tokens.push(fields.value(index));
    return tokens;
  };
}
