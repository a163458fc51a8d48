import { describe, expect, it } from 'vitest';
import { CookieJar } from './cookie-jar.ts';

describe('the cookie jar', () => {
  it('sends nothing while it is empty', () => {
    expect(new CookieJar().header()).toBeUndefined();
  });

  it('sends back what was set, without the attributes', () => {
    const jar = new CookieJar();
    expect(jar.store('_srv_id=v1.abc=; Path=/; HttpOnly; SameSite=Lax')).toBe('_srv_id');
    jar.store('cart=xyz');
    expect(jar.header()).toBe('_srv_id=v1.abc=; cart=xyz');
  });

  it('replaces a cookie of the same name', () => {
    const jar = new CookieJar();
    jar.store('cart=old');
    jar.store('cart=new');
    expect(jar.header()).toBe('cart=new');
  });

  it.each(['Max-Age=0', 'max-age=-1'])('drops a cookie that ends with %s', (attribute) => {
    const jar = new CookieJar();
    jar.store('cart=old');
    expect(jar.store(`cart=; Path=/; ${attribute}`)).toBe('cart');
    expect(jar.header()).toBeUndefined();
  });

  it.each(['', '=value', 'no separator', '; Path=/'])('ignores %j, which names no cookie', (line) => {
    const jar = new CookieJar();
    expect(jar.store(line)).toBeUndefined();
    expect(jar.header()).toBeUndefined();
  });
});
