import type { TransactionSql } from 'postgres'
import type { JsonObject } from '../model/json.ts'
import { isContactNamespace, normalise } from '../model/identifier.ts'
import type { TraitState } from '../model/trait.ts'
import { openSealed, placeKey } from '../openSealed.ts'
import type { Handler } from './changeRequest.ts'
import type { Correction } from './correctIdentifiers.ts'

/**
 * What becomes of traits that hold an address which is not the person's: the right one of its kind, or nothing. Else
 * the next message would go to a stranger.
 */
export async function addressTraits(
  tx: TransactionSql,
  { board, workspaceId }: Handler,
  { traits, provenance }: TraitState,
  { wrong, right }: Correction,
): Promise<JsonObject> {
  const corrected: JsonObject = {}
  for (const { namespace, plain } of wrong) {
    if (!isContactNamespace(namespace)) continue
    const key = `trait/${namespace}`
    const vault = Object.hasOwn(provenance, namespace) ? provenance[namespace]?.vault : undefined
    const places = vault === undefined ? [] : [{ profileId: vault, key }]
    const opened = await openSealed(board, workspaceId, places, tx)
    const sealed = vault === undefined ? undefined : opened.get(placeKey({ profileId: vault, key }))
    const value: unknown = sealed === undefined ? traits[namespace] : JSON.parse(sealed)
    if (typeof value !== 'string' || normalise({ namespace, value })?.value !== plain) continue
    corrected[namespace] = right.find((one) => one.namespace === namespace)?.plain ?? null
  }
  return corrected
}
