import type { TransactionSql } from 'postgres'
import { lockProfiles } from '../../blackboard/query/lockProfiles.ts'
import { storeChanges } from '../../blackboard/query/storeChanges.ts'
import { storeKeys } from '../../blackboard/query/storeKeys.ts'
import { storeSecrets } from '../../blackboard/query/storeSecrets.ts'
import { updateTraits } from '../../blackboard/query/updateTraits.ts'
import { wakeAgents } from '../../blackboard/query/wakeAgents.ts'
import { fail } from '../errors.ts'
import { Keyring } from '../flow/ingest/keyring.ts'
import { traitChange, traitHappening } from '../flow/notice.ts'
import { project, type Projection } from '../flow/project.ts'
import type { JsonObject } from '../model/json.ts'
import type { TraitDefinition, TraitState } from '../model/trait.ts'
import { digestOf } from '../trait/digest.ts'
import type { Handler } from './changeRequest.ts'
import type { Person } from './person.ts'

type Definitions = ReadonlyMap<string, TraitDefinition>

/** Rules about writers who do not agree do not stand above the person whom the value is about. */
export const heeding = (definitions: Definitions): Definitions =>
  new Map(
    [...definitions].map(([key, definition]) => [key, { ...definition, conflictRule: 'latest' }]),
  )

/** What a person says of themself, or an officer for them. */
export interface Said {
  /** What they are, asked of what stands. */
  traits(before: TraitState): Promise<JsonObject>
  cause: string
  principalId: string
  /** The request that keeps agents from writing these traits from now on. */
  pinned?: string
}

/**
 * Writes traits onto a person whom the caller holds, wakes who goes by them, and tells what was written.
 *
 * @throws trait_concluded, bad_input for a value that the trait's schema does not take
 */
export async function putTraits(
  tx: TransactionSql,
  by: Handler,
  definitions: Definitions,
  { canonical }: Person,
  { traits: askFor, cause, principalId, pinned }: Said,
): Promise<string[]> {
  const { board, workspaceId } = by
  const wanted = JSON.stringify([{ id: canonical, whole: true }])
  const [row] = await lockProfiles(tx, { workspaceId, ids: [canonical], profiles: wanted })
  const before: TraitState = { traits: row?.traits ?? {}, provenance: row?.provenance ?? {} }
  const traits = await askFor(before)
  if (Object.keys(traits).length === 0) return []
  const keys = new Keyring(board.vault).batch(workspaceId)
  keys.know(canonical, row?.wrapped ?? null)
  const author = { kind: 'principal', id: principalId } as const
  const at = after(before, Object.keys(traits), by)
  const statement = { traits, author, cause, at, ...(pinned === undefined ? {} : { pinned }) }
  const projection = project(before, [statement], {
    definitions,
    profileId: canonical,
    sealedAt: board.clock.now().toISOString(),
    digest: (key, value) =>
      digestOf(board.vault, { workspaceId, profileId: canonical, key }, value),
  })
  refuse(projection)
  if (projection.writes.length > 0) await write(tx, by, canonical, projection, keys)
  return projection.writes.map(({ key }) => key)
}

/** The last word, even where a sender's clock is ahead of ours. */
function after({ provenance }: TraitState, keys: readonly string[], { board }: Handler): Date {
  const standing = keys.flatMap((key) => {
    const made = Object.hasOwn(provenance, key) ? provenance[key] : undefined
    return made ? [Date.parse(made.writtenAt) + 1] : []
  })
  return new Date(Math.max(board.clock.now().getTime(), ...standing))
}

function refuse({ refused: [first] }: Projection): void {
  if (!first) return
  if (first.code === 'trait_owned') {
    throw fail('trait_concluded', { key: first.key })
  }
  throw fail('bad_input', {
    path: `input.traits.${first.key}${first.path}`,
    reason: 'the schema of the trait does not take the value',
  })
}

async function write(
  tx: TransactionSql,
  { board, workspaceId }: Handler,
  profileId: string,
  { state, writes, secrets }: Projection,
  keys: ReturnType<Keyring['batch']>,
): Promise<void> {
  const now = board.clock.now()
  const at = now.toISOString()
  const changed = writes.map((one) => {
    const change = traitChange(profileId, board.clock.id(), one, 0, now)
    return { change, happening: traitHappening(change, one) }
  })
  const changes = changed.map(({ change }) => change)
  const happenings = changed.map(({ happening }) => happening)
  const sealed = secrets.map(({ key, value }, nth) => ({
    profileId,
    key: `trait/${key}`,
    sealed: keys.seal(profileId, `trait/${key}`, JSON.stringify(value)),
    blind: typeof value === 'string' ? board.vault.blind(workspaceId, `trait/${key}`, value) : null,
    at,
    nth,
  }))
  const made = keys.made.map((key) => ({ ...key, at }))
  if (made.length > 0) await storeKeys(tx, { workspaceId, keys: JSON.stringify(made) })
  const profiles = JSON.stringify([{ id: profileId, ...state, at }])
  await Promise.all([
    updateTraits(tx, { workspaceId, ids: [profileId], profiles }),
    storeSecrets(tx, { workspaceId, secrets: JSON.stringify(sealed) }),
    storeChanges(tx, { workspaceId, changes }),
    wakeAgents(tx, { workspaceId, happenings, at }),
  ])
}
