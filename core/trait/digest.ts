import type { Json } from '../model/json.ts'
import type { Vault } from '../vault.ts'

/** Blind digest of a vaulted value, bound to its profile: tells whether it changed without opening it. */
export const digestOf = (
  vault: Vault,
  { workspaceId, profileId, key }: { workspaceId: number; profileId: string; key: string },
  value: Json,
): string => vault.blind(workspaceId, `digest/${key}`, `${profileId} ${JSON.stringify(value)}`)
