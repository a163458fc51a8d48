import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { HoldfastError } from '@holdfast/shared';
import type { RedisClient } from './client.ts';
import type { BucketKeys } from './keys.ts';
import { isForeignData, isScriptMissing, redisError } from './redis-error.ts';

/** A Lua script and the digest by which Redis knows it. */
interface Script {
  readonly lua: string;
  readonly digest: string;
}

type BucketScript = 'find' | 'pin' | 'repin' | 'touch' | 'unpin' | 'count' | 'list' | 'repair';
type KeyScript = 'drain' | 'drains' | 'beat' | 'members';

const readLua = (name: string): string =>
  readFileSync(new URL(`./scripts/${name}.lua`, import.meta.url), 'utf8');

function scriptOf(lua: string): Script {
  return { lua, digest: createHash('sha1').update(lua).digest('hex') };
}

const bucketScript = (name: BucketScript): Script => scriptOf(`${readLua('bucket')}\n${readLua(name)}`);
const keyScript = (name: KeyScript): Script => scriptOf(readLua(name));

const SCRIPTS: Readonly<Record<BucketScript | KeyScript, Script>> = {
  find: bucketScript('find'),
  pin: bucketScript('pin'),
  repin: bucketScript('repin'),
  touch: bucketScript('touch'),
  unpin: bucketScript('unpin'),
  count: bucketScript('count'),
  list: bucketScript('list'),
  repair: bucketScript('repair'),
  drain: keyScript('drain'),
  drains: keyScript('drains'),
  beat: keyScript('beat'),
  members: keyScript('members'),
};

/** Runs scripts on one bucket at a time; calls made together share a round trip. */
export class ScriptRunner {
  readonly #client: RedisClient;
  #isClosed = false;

  constructor(client: RedisClient) {
    this.#client = client;
  }

  /** From now on everything fails with `STORE_CLOSED`, what is under way included. */
  close(): void {
    this.#isClosed = true;
    this.#client.close();
  }

  /**
   * Runs a script. Where the bucket holds foreign data, it is dropped and the script runs again, on nothing.
   *
   * @throws HoldfastError of source `store`
   */
  run(name: BucketScript, bucket: BucketKeys, ...args: (string | number)[]): Promise<unknown> {
    const keys = [bucket.pins, bucket.deadlines, bucket.counts];
    return this.#mapped(name, () =>
      this.#evaluate(SCRIPTS[name], keys, args).catch(async (error) => {
        if (!isForeignData(error)) throw error;
        await this.#evaluate(SCRIPTS.repair, keys, []);
        return this.#evaluate(SCRIPTS[name], keys, args);
      }),
    );
  }

  /**
   * Runs a script on the one key of the cluster that it is about. It sees to foreign data itself.
   *
   * @param key that all of its data is under
   * @throws HoldfastError of source `store`
   */
  runOnKey(name: KeyScript, key: string, ...args: (string | number)[]): Promise<unknown> {
    return this.#mapped(name, () => this.#evaluate(SCRIPTS[name], [key], args));
  }

  async #mapped(what: string, work: () => Promise<unknown>): Promise<unknown> {
    try {
      return await work();
    } catch (error) {
      if (this.#isClosed) throw new HoldfastError('STORE_CLOSED', `${what}: the store is closed`, error);
      throw redisError(error, what, this.#client.lastLinkError);
    }
  }

  async #evaluate(
    { lua, digest }: Script,
    keys: readonly string[],
    args: readonly (string | number)[],
  ): Promise<unknown> {
    const { connection } = this.#client;
    try {
      return await connection.evalsha(digest, keys.length, ...keys, ...args);
    } catch (error) {
      if (!isScriptMissing(error)) throw error;
      // EVAL goes where the keys are, even while they move between nodes, and leaves the script there for EVALSHA.
      return connection.eval(lua, keys.length, ...keys, ...args);
    }
  }
}
