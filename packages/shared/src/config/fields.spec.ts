import { describe, expect, it } from 'vitest';
import { endpointAddress, endpointOrigin, endpointUrl } from './fields.ts';

describe('the URL of an endpoint', () => {
  it.each([
    ['http://Shop-1:80', 'http://shop-1', 'shop-1:80'],
    ['https://shop-1', 'https://shop-1', 'shop-1:443'],
    ['h2c://Shop-1:50051', 'h2c://shop-1:50051', 'shop-1:50051'],
    ['H2C://shop-1:80', 'h2c://shop-1', 'shop-1:80'],
    ['h2c://[::1]:50051', 'h2c://[::1]:50051', '[::1]:50051'],
  ])('%s gives one origin and one address, however it is written', (url, origin, address) => {
    expect([endpointOrigin(url), endpointAddress(url)]).toEqual([origin, address]);
  });

  it.each(['h2c://', 'h2c://a:b@shop-1', 'h2c://shop-1/path', 'h2c://shop-1?q', 'h2://shop-1', 'h2c:shop 1'])(
    '%s is none',
    (url) => {
      expect(endpointUrl.safeParse(url).success).toBe(false);
    },
  );
});
