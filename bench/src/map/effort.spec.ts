import { describe, expect, it } from 'vitest';
import { inParallel } from './effort.ts';

describe('operations in parallel', () => {
  it('are each begun once, and never more of them under way than there are lanes', async () => {
    const begun: number[] = [];
    let underWay = 0;
    let most = 0;

    const done = await inParallel(
      3,
      (count) => count < 10,
      async (index) => {
        begun.push(index);
        underWay += 1;
        most = Math.max(most, underWay);
        await Promise.resolve();
        underWay -= 1;
      },
    );

    expect(done).toBe(10);
    expect(begun).toEqual([...Array(10).keys()]);
    expect(most).toBe(3);
  });

  it('end with the first that fails, so that nothing is measured of a broken map', async () => {
    await expect(
      inParallel(
        2,
        (count) => count < 100,
        (index) => (index === 5 ? Promise.reject(new Error('lost')) : Promise.resolve()),
      ),
    ).rejects.toThrow('lost');
  });
});
