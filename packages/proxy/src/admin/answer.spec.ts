import { describe, expect, it } from 'vitest';
import { type Answer, readAnswer, refused, told } from './answer.ts';

/** As it comes out of the channel between two processes of a node. */
const sent = (answer: Answer): unknown => JSON.parse(JSON.stringify(answer));

describe('an answer from another process', () => {
  it.each([
    ['with a value', told({ drains: [] })],
    ['that is a refusal', refused('STORE_UNAVAILABLE', 'the store is away')],
    ['that there is nothing to tell', told(undefined)],
  ])('%s is read as it was given', (_, answer) => expect(readAnswer(sent(answer))).toEqual(answer));

  it.each([
    [undefined],
    [null],
    ['told'],
    [{}],
    [{ kind: 'asked' }],
    [{ kind: 'refused', code: 1, message: '' }],
  ])('is none where it is %j', (given) => expect(readAnswer(given)).toBeUndefined());
});
