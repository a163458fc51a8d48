import { describe, expect, it } from 'vitest';
import type { Answer } from '../load/ask.ts';
import { failoverColumns, type Sights, trialOf } from './failover-trial.ts';

const from = (...endpoints: readonly string[]): readonly Answer[] =>
  endpoints.map((endpoint) => ({ status: 200, bytes: 2, endpoint, setCookies: [] }));

const failures = (...statuses: readonly number[]): readonly Answer[] =>
  statuses.map((status) => ({ status, bytes: 0, endpoint: 'undefined', setCookies: [] }));

const trial = (sights: Partial<Sights>) =>
  trialOf({
    dead: 'e1',
    burst: from('e2', 'e2'),
    afterwards: from('e2', 'e2'),
    returned: from('e2', 'e2'),
    outdated: from('e2', 'e2'),
    ...sights,
  });

describe('what a session saw of the death of its endpoint', () => {
  it('is without fault where it is at one new endpoint from then on', () => {
    expect(trial({})).toEqual({
      newEndpoints: 1,
      failed: 0,
      astray: 0,
      agreed: true,
      stayed: true,
      held: true,
    });
  });

  it('leaves aside what the endpoint answered before it was dead', () => {
    expect(trial({ burst: from('e1', 'e1', 'e2') })).toMatchObject({ newEndpoints: 1, astray: 0 });
  });

  it('counts every endpoint that answered, and answers from where the session did not end up', () => {
    expect(trial({ burst: from('e2', 'e3', 'e4', 'e3') })).toMatchObject({ newEndpoints: 3, astray: 3 });
  });

  it('counts errors and missing answers as failed, not as endpoints', () => {
    expect(trial({ burst: [...failures(502, 0), ...from('e2')] })).toMatchObject({
      newEndpoints: 1,
      failed: 2,
    });
  });

  it.each([
    ['went to two endpoints', from('e2', 'e3')],
    ['failed', [...from('e2'), ...failures(503)]],
    ['all failed', failures(503, 503)],
    ['were answered by the dead endpoint', from('e1', 'e1')],
  ])('is no agreement where the requests afterwards %s', (_, afterwards) => {
    const seen = trial({ afterwards, returned: afterwards, outdated: afterwards });

    expect(seen).toMatchObject({ agreed: false, stayed: false, held: false });
  });

  it('is a way back where the endpoint has its session again when it returns', () => {
    expect(trial({ returned: from('e2', 'e1') })).toMatchObject({ agreed: true, stayed: false, held: false });
  });

  it('is a way back for some where only a client with the old cookie returns', () => {
    expect(trial({ outdated: from('e1') })).toMatchObject({ stayed: true, held: false });
  });
});

describe('the table of failovers', () => {
  const cells = (...trials: readonly ReturnType<typeof trial>[]) =>
    Object.fromEntries(failoverColumns(2).map(({ heading, cell }) => [heading, cell(trials)]));

  it('counts rounds, and gives the mean and the greatest of the rest', () => {
    const scattered = trial({ burst: from('e2', 'e3'), returned: from('e1') });
    const broken = trial({ burst: failures(502, 502) });

    expect(cells(scattered, trial({}), broken, trial({}))).toEqual({
      'rounds that scattered': '1 of 4',
      'new endpoints': '1.0 (≤ 2)',
      'astray of 2': '0.3 (≤ 1)',
      'failed of 2': '0.5 (≤ 2)',
      'agree afterwards': '4 of 4',
      'stays after return': '3 of 4',
      'with old cookie, too': '3 of 4',
    });
  });
});
