import { showableYaml } from '@holdfast/shared/config';
import { isNode, parseDocument } from 'yaml';
import type { WrittenConfig } from './draft.ts';

/** A configuration as YAML, with the remarks on its parts as comments above them. */
export function commentedYaml(
  config: WrittenConfig,
  remarks: ReadonlyMap<object, readonly string[]>,
): string {
  const document = parseDocument(showableYaml(config));
  comment(config, []);
  return document.toString({ lineWidth: 0 });

  function comment(part: unknown, path: readonly (string | number)[]): void {
    if (typeof part !== 'object' || part === null) return;
    const lines = remarks.get(part) ?? [];
    const node = document.getIn(path, true);
    if (lines.length > 0 && isNode(node)) node.commentBefore = lines.map((line) => ` ${line}`).join('\n');
    for (const [key, member] of Object.entries(part)) {
      comment(member, [...path, Array.isArray(part) ? Number(key) : key]);
    }
  }
}
