import { describe, expect, it } from 'vitest';
import { redact } from './redact.ts';

describe('redact', () => {
  it('replaces every secret and the admin token, wherever the schema calls a value secret', () => {
    expect(redact({ secrets: ['one', 'two'], admin: { listen: ':1', token: 'three' } })).toEqual({
      secrets: ['<redacted>', '<redacted>'],
      admin: { listen: ':1', token: '<redacted>' },
    });
  });

  it('shows that a token is empty', () => {
    expect(redact({ admin: { token: '' } })).toEqual({ admin: { token: '' } });
  });

  it.each([
    ['redis://user:pass@10.0.0.1:6379/1', 'redis://redacted@10.0.0.1:6379/1'],
    ['redis://:p@ss/word@10.0.0.1', 'redis://redacted@10.0.0.1'],
    ['redis://10.0.0.1/?password=x&db=1', 'redis://10.0.0.1/?password=redacted&db=1'],
    ['sqlite:./a@b.db', 'sqlite:./a@b.db'],
  ])('takes the credentials out of %s', (url, shown) => {
    expect(redact({ store: { url } })).toEqual({ store: { url: shown } });
  });
});
