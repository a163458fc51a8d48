import type { Draft, ImportNote } from './draft.ts';
import { finishDraft } from './finish-draft.ts';

/** What became of another program's configuration: Holdfast's as YAML and what it leaves out, or why it cannot be read. */
export type Imported =
  | {
      readonly kind: 'imported';
      readonly yaml: string;
      /** What was not carried over, in the order of the text. */
      readonly notes: readonly ImportNote[];
    }
  | { readonly kind: 'unreadable'; readonly notes: readonly ImportNote[] };

/** A text that cannot be imported, because of what stands in that line. */
export const unreadable = (line: number, name: string, reason: string): Imported => ({
  kind: 'unreadable',
  notes: [{ line, name, reason }],
});

/** Completes what was read. @param nothing what to say where no pool with endpoints was found */
export function importedFrom(draft: Draft, nothing: string): Imported {
  const finished = finishDraft(draft);
  const notes = inOrder(draft.notes);
  if (finished === undefined) {
    const isEmpty = draft.pools.every(({ endpoints }) => endpoints.length === 0);
    const last = isEmpty || notes.length === 0 ? [{ line: 1, name: 'file', reason: nothing }] : [];
    return { kind: 'unreadable', notes: [...notes, ...last] };
  }
  return { kind: 'imported', yaml: finished, notes };
}

function inOrder(notes: readonly ImportNote[]): readonly ImportNote[] {
  const unique = new Map(notes.map((note) => [JSON.stringify([note.line, note.name, note.reason]), note]));
  return [...unique.values()].sort((a, b) => a.line - b.line);
}

export const TEXT_LENGTH_MAX = 524_288;
export const TOO_LONG = unreadable(1, 'file', 'expected at most 512 KiB of text');
