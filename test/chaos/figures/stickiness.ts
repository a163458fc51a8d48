import { inParallel } from '../../support/workers.ts';
import type { Figure } from '../figure.ts';
import { count, failuresAmong, movedAmong } from '../measures.ts';

const AT_ONCE = 32;

export const stickiness: Figure = {
  name: 'stickiness',
  what: 'Sessions that stay, with every request at a node at random',
  others: 'All four, while the endpoint is healthy; the Gateway API tests 50 requests',
  aim: '100 % of 100,000 requests',
  async measure(world, { sessions, requests }) {
    const crowd = world.crowd();
    await crowd.welcome(sessions);
    const rest = Array.from({ length: requests - sessions }, (_, index) => crowd.regulars[index % sessions]);
    await inParallel(rest, AT_ONCE, (visitor) => crowd.visit(visitor));
    const wrong = [...failuresAmong(crowd.seen), ...movedAmong(crowd.seen)];
    const stayed = crowd.seen.length - wrong.length;
    return {
      measured: `${count(stayed)} of ${count(crowd.seen.length)} requests, ${count(sessions)} sessions`,
      isInTime: true,
      wrong,
    };
  },
};
