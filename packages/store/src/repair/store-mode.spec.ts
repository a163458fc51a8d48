import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextMode, normalMode, QUIET_MS, type StoreMode, type StoreModeEvent } from './store-mode.ts';

const degraded: StoreMode = { kind: 'degraded' };
const reconciling = (fromMs: number): StoreMode => ({ kind: 'reconciling', untilMs: fromMs + QUIET_MS });
const lost: StoreModeEvent = { kind: 'store-lost' };
const back = (atMs: number): StoreModeEvent => ({ kind: 'store-back', atMs });
const refused = (atMs: number): StoreModeEvent => ({ kind: 'write-back-refused', atMs });
const checked = (atMs: number): StoreModeEvent => ({ kind: 'checked', atMs });

const transitions: { name: string; from: StoreMode; event: StoreModeEvent; to: StoreMode }[] = [
  { name: 'is degraded as soon as the store is lost', from: normalMode, event: lost, to: degraded },
  { name: 'stays degraded while the store is away', from: degraded, event: checked(1e9), to: degraded },
  { name: 'reconciles when the store is back', from: degraded, event: back(5), to: reconciling(5) },
  {
    name: 'is normal again when nothing has waited for ten seconds',
    from: reconciling(5),
    event: checked(5 + QUIET_MS),
    to: normalMode,
  },
  {
    name: 'reconciles until then',
    from: reconciling(5),
    event: checked(4 + QUIET_MS),
    to: reconciling(5),
  },
  {
    name: 'reconciles for longer when a write-back has had to wait',
    from: reconciling(5),
    event: refused(900),
    to: reconciling(900),
  },
  { name: 'is degraded when the store is lost once more', from: reconciling(5), event: lost, to: degraded },
  {
    name: 'reconciles without an outage when a write-back has had to wait: the map was emptied',
    from: normalMode,
    event: refused(7),
    to: reconciling(7),
  },
  {
    name: 'stays degraded for a write-back that was asked for before the store was lost',
    from: degraded,
    event: refused(7),
    to: degraded,
  },
  { name: 'stays normal for a store that was never away', from: normalMode, event: back(5), to: normalMode },
];

const anyEvent = fc.oneof(
  fc.constant(lost),
  fc.nat(60_000).map(back),
  fc.nat(60_000).map(refused),
  fc.nat(60_000).map(checked),
);

describe('the mode of a node towards its store', () => {
  it.each(transitions)('$name', ({ from, event, to }) => {
    expect(nextMode(from, event)).toEqual(to);
  });

  it('is never normal right after degraded: what the map has lost is looked for first', () => {
    fc.assert(
      fc.property(fc.array(anyEvent), (events) => {
        const modes = [normalMode];
        for (const event of events) modes.push(nextMode(modes.at(-1) as StoreMode, event));
        const pairs = modes.slice(1).map(({ kind }, index) => `${modes[index]?.kind} ${kind}`);
        expect(pairs).not.toContain('degraded normal');
      }),
    );
  });

  it('becomes normal in the end, whatever has happened, once the store is back and quiet', () => {
    fc.assert(
      fc.property(fc.array(anyEvent), (events) => {
        const mode = events.reduce(nextMode, normalMode);
        expect(nextMode(nextMode(mode, back(60_000)), checked(60_000 + QUIET_MS))).toEqual(normalMode);
      }),
    );
  });
});
