import { describe, expect, it } from 'vitest';
import { anchorsOf, linksOf, withoutCode } from './markdown.ts';

const page = `# What fails, and what a client sees

[one](guides/one.md) and ![two](images/two.svg), [three](../README.md#see-it); [four](https://example.com/),
[five](mailto:a@example.com). Not \`[six](six.md)\`.

\`\`\`sh
# no heading
[seven](seven.md)
\`\`\`

### \`UPSTREAM_RESET\`
`;

describe('the reading of documents', () => {
  it('finds links and pictures, without those in code and those that leave the repository', () => {
    expect(linksOf(page)).toEqual(['guides/one.md', 'images/two.svg', '../README.md#see-it']);
  });

  it('makes anchors of headings as forges do', () => {
    expect(anchorsOf(page)).toEqual(['what-fails-and-what-a-client-sees', 'upstream_reset']);
  });

  it('leaves out blocks of code, and nothing after them', () => {
    expect(withoutCode(page)).not.toContain('seven');
    expect(withoutCode(page)).toContain('UPSTREAM_RESET');
  });
});
