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

type ScriptName = 'find' | 'pin' | 'repin' | 'touch' | 'unpin' | 'count' | 'list' | 'repair';

const readLua = (name: string): string =>
  readFileSync(new URL(`./scripts/${name}.lua`, import.meta.url), 'utf8');

function loadScript(name: ScriptName): Script {
  const lua = `${readLua('bucket')}\n${readLua(name)}`;
  return { lua, digest: createHash('sha1').update(lua).digest('hex') };
}

const SCRIPTS: Readonly<Record<ScriptName, Script>> = {
  find: loadScript('find'),
  pin: loadScript('pin'),
  repin: loadScript('repin'),
  touch: loadScript('touch'),
  unpin: loadScript('unpin'),
  count: loadScript('count'),
  list: loadScript('list'),
  repair: loadScript('repair'),
};

/** Runs scripts on one bucket at a time; calls made together share a round trip. */
export class ScriptRunner {
  readonly #client: RedisClient;
  readonly #loading = new Map<string, Promise<unknown>>();
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
  async run(name: ScriptName, bucket: BucketKeys, ...args: (string | number)[]): Promise<unknown> {
    try {
      return await this.#evaluate(SCRIPTS[name], bucket, args).catch(async (error) => {
        if (!isForeignData(error)) throw error;
        await this.#evaluate(SCRIPTS.repair, bucket, []);
        return this.#evaluate(SCRIPTS[name], bucket, args);
      });
    } catch (error) {
      if (this.#isClosed) throw new HoldfastError('STORE_CLOSED', `${name}: the store is closed`, error);
      throw redisError(error, name, this.#client.lastLinkError);
    }
  }

  async #evaluate(script: Script, bucket: BucketKeys, args: (string | number)[]): Promise<unknown> {
    const { connection } = this.#client;
    const { digest } = script;
    const keys = [bucket.pins, bucket.deadlines, bucket.counts];
    try {
      return await connection.evalsha(digest, keys.length, ...keys, ...args);
    } catch (error) {
      if (!isScriptMissing(error)) throw error;
      await this.#load(script);
      return connection.evalsha(digest, keys.length, ...keys, ...args);
    }
  }

  /** Sends the text of a script once, however many calls found it missing: after a restart that is every one of them. */
  #load({ lua, digest }: Script): Promise<unknown> {
    const underWay = this.#loading.get(digest);
    if (underWay !== undefined) return underWay;
    const loading = this.#client.connection.script('LOAD', lua).finally(() => this.#loading.delete(digest));
    this.#loading.set(digest, loading);
    return loading;
  }
}
