import { describe, expect, it } from 'vitest';
import { formatRequest } from './browser-request.ts';
import { framedBody, framingOf } from './traffic.ts';

describe('a request body', () => {
  it('is framed by its length', () => {
    expect(framingOf({ bytes: 3 })).toEqual({ 'Content-Length': '3' });
    expect(framedBody({ bytes: 3 })).toBe('kkk');
  });

  it('is framed in chunks, the last of which is shorter', () => {
    const body = { bytes: 20, chunkBytes: 16 };

    expect(framingOf(body)).toEqual({ 'Transfer-Encoding': 'chunked' });
    expect(framedBody(body)).toBe(`10\r\n${'k'.repeat(16)}\r\n4\r\nkkkk\r\n0\r\n\r\n`);
  });

  it('makes a POST of a request, which is a GET without one', () => {
    const get = formatRequest('a=1', {}).split('\r\n');
    const post = formatRequest('a=1', { body: { bytes: 3 } }).split('\r\n');

    expect(get[0]).toMatch(/^GET /);
    expect(get.slice(-3)).toEqual(['Cookie: a=1', '', '']);
    expect(post[0]).toMatch(/^POST /);
    expect(post).toContain('Content-Length: 3');
    expect(post.slice(-3)).toEqual(['Cookie: a=1', '', 'kkk']);
  });

  it('goes with a connection that is closed after it, where the case wants that', () => {
    expect(formatRequest('a=1', { closes: true })).toContain('\r\nConnection: close\r\n');
  });
});
