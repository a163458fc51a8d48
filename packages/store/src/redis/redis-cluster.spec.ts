import { redisStoreContract, startRedisCluster } from '../testing/index.ts';

redisStoreContract('redis cluster', startRedisCluster, 10);
