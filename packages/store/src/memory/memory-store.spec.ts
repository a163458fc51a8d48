import { storeContract } from '../testing/index.ts';
import { openMemoryStore } from './memory-store.ts';
import { SessionMap } from './session-map.ts';

storeContract('memory', async () => {
  const map = new SessionMap();
  return { open: async () => openMemoryStore({ map }) };
});
