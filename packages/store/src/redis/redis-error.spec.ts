import { HoldfastError } from '@holdfast/shared';
import { describe, expect, it } from 'vitest';
import { isForeignData, isScriptMissing, isWrongInstance, redisError } from './redis-error.ts';

describe('an error of Redis', () => {
  it.each([
    'LOADING Redis is loading the dataset in memory',
    "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
    'NOAUTH Authentication required.',
    'WRONGPASS invalid username-password pair or user is disabled.',
    "NOPERM User holdfast has no permissions to run the 'evalsha' command",
    'CLUSTERDOWN The cluster is down',
    'TRYAGAIN Multiple keys request during rehashing of slot',
    'Too many Cluster redirections. Last error: ReplyError: MOVED 866 10.0.0.9:6379',
    'BUSY Redis is busy running a script.',
    'Command timed out',
    'Connection is closed.',
    "Stream isn't writeable and enableOfflineQueue options is false",
  ])('%s means that the store is unavailable', (message) => {
    expect(redisError(new Error(message), 'pin')).toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: `pin: ${message}`,
    });
  });

  it.each([
    "READONLY You can't write against a read only replica.",
    "ERR Error running script (call to f_1a): @user_script:46: -READONLY You can't write against a read only replica.",
    "OOM command not allowed when used memory > 'maxmemory'.",
    'NOREPLICAS Not enough good replicas to write.',
    'MISCONF Redis is configured to save RDB snapshots, but it is unable to persist to disk.',
  ])('%s means that it can be read only', (message) => {
    expect(redisError(new Error(message), 'pin')).toMatchObject({
      code: 'STORE_READ_ONLY',
      message: `pin: ${message}`,
    });
  });

  it('names the reason of the lost connection rather than its symptom', () => {
    const error = redisError(
      new Error("Stream isn't writeable"),
      'find',
      new Error('connect ECONNREFUSED 10.0.0.9:6379'),
    );
    expect(error.message).toBe('find: not connected: connect ECONNREFUSED 10.0.0.9:6379');
  });

  it('means foreign data where a key has another type, in the words of Redis 6.2 and 7', () => {
    const seven =
      'WRONGTYPE Operation against a key holding the wrong kind of value script: 1a, on @user_script:1.';
    const six = 'ERR Error running script (call to f_1a): @user_script:1: WRONGTYPE Operation against a key';
    for (const message of [seven, six]) {
      expect(isForeignData(new Error(message))).toBe(true);
      expect(redisError(new Error(message), 'pin').code).toBe('STORE_CORRUPT_VALUE');
    }
  });

  it('asks for another instance only where this one can never serve', () => {
    expect(
      isWrongInstance(new Error('ERR Error running script: @user_script:9: -READONLY You cannot write')),
    ).toBe(true);
    expect(isWrongInstance(new Error('OOM command not allowed'))).toBe(false);
  });

  it('tells a forgotten script from everything else', () => {
    expect(isScriptMissing(new Error('NOSCRIPT No matching script. Please use EVAL.'))).toBe(true);
    expect(isScriptMissing(new Error('ERR unknown command'))).toBe(false);
  });

  it('passes on what has been translated already', () => {
    const error = new HoldfastError('STORE_CLOSED', 'pin: the store is closed');
    expect(redisError(error, 'pin')).toBe(error);
  });
});
