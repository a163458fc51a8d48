import { seededRandom } from '@holdfast/shared/testing';
import { describe, expect, it } from 'vitest';
import { nodeConfig } from '../testing/node-config.ts';
import { Secrets } from './secrets.ts';

const configured = nodeConfig({ secrets: ['a secret of sixteen'] });
const none = nodeConfig();

describe('the secrets of a node', () => {
  it('are those of the configuration', () => {
    expect(new Secrets(seededRandom(1)).of(configured)).toEqual(['a secret of sixteen']);
  });

  it('are one of its own, always the same, where none is configured', () => {
    const secrets = new Secrets(seededRandom(1));
    const [own, ...others] = secrets.of(none);
    expect(own).toMatch(/^[0-9a-f]{64}$/);
    expect(others).toEqual([]);
    expect(secrets.of(none)).toEqual([own]);
  });

  it('go on with its own behind those that are configured later, so that no session is lost', () => {
    const secrets = new Secrets(seededRandom(1));
    const [own] = secrets.of(none);
    expect(secrets.of(configured)).toEqual(['a secret of sixteen', own]);
  });
});
