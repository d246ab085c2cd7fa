import type { Signer } from '../../core/flow/channel/signature.ts'
import { openVault } from '../../core/vault.ts'

/** Signs as an installation does whose master key is all zeros, on the day that tests have. */
export const signer: Signer = {
  vault: openVault(Buffer.alloc(32)),
  clock: { now: () => new Date('2026-11-21T12:00:00.000Z') },
}
