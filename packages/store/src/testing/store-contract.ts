import { describe } from 'vitest';
import { drainsContract } from './drains-contract.ts';
import { invalidationsContract } from './invalidations-contract.ts';
import { membershipContract } from './membership-contract.ts';
import { sessionInventoryContract } from './session-inventory-contract.ts';
import { sessionStoreContract } from './session-store-contract.ts';
import { storeModelContract } from './store-model.ts';
import type { ArrangeWorld } from './store-world.ts';

/**
 * What every adapter of the session map must do: the guarantees of the ports, as tests.
 *
 * @param histories how many random histories are tried. Fewer where a node takes long to open. Default: 60.
 */
export function storeContract(adapter: string, arrange: ArrangeWorld, histories?: number): void {
  describe(`the ${adapter} store`, () => {
    sessionStoreContract(arrange);
    sessionInventoryContract(arrange);
    invalidationsContract(arrange);
    drainsContract(arrange);
    membershipContract(arrange);
    storeModelContract(arrange, histories);
  });
}
