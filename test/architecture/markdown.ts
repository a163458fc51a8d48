const FENCE = /^(`{3,})[^\n]*\n[\s\S]*?\n\1$/gm;
const CODE_SPAN = /`[^`\n]+`/g;
const LINK = /\[[^\]]*\]\(([^)\s]+)\)/g;
const HEADING = /^#{1,6} (.+)$/gm;
const ELSEWHERE = /^(?:[a-z][a-z0-9+.-]*:|\/\/)/i;

/** The text of a page without its blocks of code, which speak of other people's files. */
export const withoutCode = (text: string): string => text.replaceAll(FENCE, '');

/** Where the links and pictures of a page lead, but for those that leave the repository. */
export const linksOf = (text: string): readonly string[] =>
  [...withoutCode(text).replaceAll(CODE_SPAN, '').matchAll(LINK)]
    .map(([, link = '']) => link)
    .filter((link) => !ELSEWHERE.test(link));

/** The anchors of a page's headings, as forges make them: in lower case, blanks as hyphens, no other punctuation. */
export const anchorsOf = (text: string): readonly string[] =>
  [...withoutCode(text).matchAll(HEADING)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(/\s/g, '-'),
  );
