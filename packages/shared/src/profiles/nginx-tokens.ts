/** A word of an nginx configuration, or one of the signs that structure it, and its line, from 1. */
export interface NginxToken {
  readonly kind: 'word' | '{' | '}' | ';' | 'unended';
  readonly text: string;
  readonly line: number;
}

const SPACE = /\s/;

/** Splits the text of an nginx configuration into words and signs. A quote that never ends gives a token of kind `unended`. */
export function nginxTokens(text: string): readonly NginxToken[] {
  const tokens: NginxToken[] = [];
  let at = 0;
  let line = 1;
  while (at < text.length) {
    const sign = text[at]!;
    if (sign === '\n') line += 1;
    if (SPACE.test(sign)) at += 1;
    else if (sign === '#') at = endOfLine(text, at);
    else if (sign === ';' || sign === '{' || sign === '}') {
      tokens.push({ kind: sign, text: sign, line });
      at += 1;
    } else {
      const word = sign === '"' || sign === "'" ? quotedWord(text, at) : bareWord(text, at);
      tokens.push({ kind: word.isEnded ? 'word' : 'unended', text: word.text, line });
      for (const passed of text.slice(at, word.end)) if (passed === '\n') line += 1;
      at = word.end;
    }
  }
  return tokens;
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end === -1 ? text.length : end;
}

interface Word {
  readonly text: string;
  readonly end: number;
  readonly isEnded: boolean;
}

function quotedWord(text: string, start: number): Word {
  const quote = text[start];
  let word = '';
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === quote) return { text: word, end: at + 1, isEnded: true };
    if (text[at] === '\\' && (text[at + 1] === quote || text[at + 1] === '\\')) at += 1;
    word += text[at] ?? '';
  }
  return { text: word, end: text.length, isEnded: false };
}

/** A brace behind a dollar belongs to the name of a variable. */
function bareWord(text: string, start: number): Word {
  let word = '';
  let at = start;
  for (let isVariable = false; at < text.length; at += 1) {
    const sign = text[at]!;
    if (SPACE.test(sign) || sign === ';') break;
    if (sign === '{' && !word.endsWith('$')) break;
    if (sign === '}' && !isVariable) break;
    isVariable = sign === '{' || (isVariable && sign !== '}');
    if (sign === '\\' && at + 1 < text.length && !SPACE.test(text[at + 1]!)) {
      word += sign;
      at += 1;
    }
    word += text[at]!;
  }
  return { text: word, end: at, isEnded: true };
}
