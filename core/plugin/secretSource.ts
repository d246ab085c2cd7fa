/** Secrets of plugins: sealed by the vault, opened for the platform's own requests and for nothing else. */
import { readPluginSecrets } from '../../blackboard/query/readPluginSecrets.ts'
import type { Board } from '../board.ts'
import type { SecretSource } from '../egress/secrets.ts'
import { open, seal, type Vault } from '../vault.ts'

export const createSecretSource = ({ db, vault }: Pick<Board, 'db' | 'vault'>): SecretSource => ({
  async secretsOf(workspaceId, plugin) {
    const rows = await readPluginSecrets(db.sql, { workspaceId, plugin })
    return new Map(
      rows.map(({ name, wrapped, sealed }) => {
        const place = placeOf({ workspaceId, plugin, name })
        const key = vault.unwrap(workspaceId, place.profileId, wrapped)
        return [name, open(key, place, sealed).toString('utf8')]
      }),
    )
  },
})

interface Secret {
  workspaceId: number
  plugin: string
  name: string
}

/** A row as it is stored, base64. Each secret has a key of its own, and opens under its own name only. */
export function sealSecret(
  vault: Vault,
  secret: Secret,
  value: string,
): { name: string; wrapped: string; sealed: string } {
  const place = placeOf(secret)
  const { key, wrapped } = vault.createKey(secret.workspaceId, place.profileId)
  return {
    name: secret.name,
    wrapped: wrapped.toString('base64'),
    sealed: seal(key, place, value).toString('base64'),
  }
}

const placeOf = ({ workspaceId, plugin, name }: Secret) => ({
  workspaceId,
  profileId: `plugin/${plugin}`,
  field: `secret/${name}`,
})
