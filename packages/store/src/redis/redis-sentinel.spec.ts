import { redisStoreContract, startSentinels } from '../testing/index.ts';

redisStoreContract('redis behind Sentinels', startSentinels, 10);
