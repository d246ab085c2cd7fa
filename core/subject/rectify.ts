/** Art. 16: a person's own word about what is known of them. */
import type { TransactionSql } from 'postgres'
import { bumpLegalStates } from '../../blackboard/query/bumpLegalStates.ts'
import { lockProfiles } from '../../blackboard/query/lockProfiles.ts'
import { storeChanges } from '../../blackboard/query/storeChanges.ts'
import { storeKeys } from '../../blackboard/query/storeKeys.ts'
import { storeSecrets } from '../../blackboard/query/storeSecrets.ts'
import { updateTraits } from '../../blackboard/query/updateTraits.ts'
import { wakeAgents } from '../../blackboard/query/wakeAgents.ts'
import { parseInput } from '../admin/parseInput.ts'
import { fail } from '../errors.ts'
import { enqueueFollowUps } from '../flow/followUp/enqueue.ts'
import { Keyring } from '../flow/ingest/keyring.ts'
import { traitChange, traitHappening } from '../flow/notice.ts'
import { project, type Projection } from '../flow/project.ts'
import type { JsonObject } from '../model/json.ts'
import { rectifySubjectSchema, type SubjectRequest } from '../model/subjectRequest.ts'
import type { TraitDefinition, TraitState } from '../model/trait.ts'
import type { Reader } from '../read/reader.ts'
import { digestOf } from '../trait/digest.ts'
import { addressTraits } from './addressTraits.ts'
import { changeRequest, handlerOf, type Handler } from './changeRequest.ts'
import { correctIdentifiers, correctionOf, type Correction } from './correctIdentifiers.ts'
import { demandAct, did } from './life.ts'
import { lockPersons, type Person } from './person.ts'

type Definitions = ReadonlyMap<string, TraitDefinition>

/**
 * Writes what a person says about themself over what was known, whatever rule the trait has for writers that do not
 * agree. Agents that go by it are woken, so that what was concluded from the old value is concluded anew; who got
 * data already is told (Art. 19). What an agent concludes is not written over: its sources are what to rectify. What
 * the person is known by is put right in the same way.
 *
 * @throws trait_concluded, bad_input for a value that the trait's schema does not take, and what
 *   `correctIdentifiers` throws
 */
export async function rectifySubject(reader: Reader, input: unknown): Promise<SubjectRequest> {
  const by = handlerOf(reader)
  const { board, workspaceId } = by
  const { id, traits, ...identifiers } = parseInput(rectifySubjectSchema, input)
  const correction = correctionOf(by, identifiers.wrongIdentifiers, identifiers.rightIdentifiers)
  await reader.learn()
  let touched: string[] = []
  const changed = await changeRequest(by, id, async (request, tx) => {
    demandAct(request, ['rectification'], 'rectified')
    const persons = await lockPersons(tx, workspaceId, request.profileIds)
    const ids = persons.flatMap(({ members }) => members)
    const now = board.clock.now()
    await bumpLegalStates(tx, { workspaceId, ids: JSON.stringify(ids), at: now.toISOString() })
    const principalId = reader.principal.id
    const corrected = await correctOne(tx, by, persons, correction, { requestId: id, principalId })
    const said = { traits, correction, cause: id, principalId }
    const written = new Set<string>()
    for (const person of persons) {
      const keys = await rectifyPerson(tx, by, heeding(reader.definitions), person, said)
      for (const key of keys) written.add(key)
    }
    const told = await enqueueFollowUps(tx, board, {
      workspaceId,
      at: now,
      kind: 'rectification',
      profileIds: ids,
      purpose: null,
      channel: '*',
      reason: 'rectified',
    })
    touched = ids
    return did(request, 'rectified', {
      traits: [...written],
      ...corrected,
      recipientsToTell: told.length,
    })
  })
  board.signals.send('followUp')
  board.signals.send('agenda')
  board.signals.profileChanged(workspaceId, touched)
  return changed
}

/** Rules about writers who do not agree do not stand above the person whom the value is about. */
const heeding = (definitions: Definitions): Definitions =>
  new Map(
    [...definitions].map(([key, definition]) => [key, { ...definition, conflictRule: 'latest' }]),
  )

/** Whose identifiers they are has to be beyond doubt. */
async function correctOne(
  tx: TransactionSql,
  by: Handler,
  persons: readonly Person[],
  correction: Correction,
  cause: { requestId: string; principalId: string },
): Promise<JsonObject> {
  if (correction.wrong.length + correction.right.length === 0) return {}
  const [person, ...others] = persons
  if (!person || others.length > 0) {
    const reason = 'the request is about several persons; open one for each to correct identifiers'
    throw fail('bad_input', { path: 'input.id', reason })
  }
  const { taken, given } = await correctIdentifiers(tx, by, person, correction, cause)
  return { identifiersTaken: taken, identifiersGiven: given }
}

interface Said {
  traits: JsonObject
  correction: Correction
  cause: string
  principalId: string
}

async function rectifyPerson(
  tx: TransactionSql,
  by: Handler,
  definitions: Definitions,
  { canonical }: Person,
  { traits: stated, correction, cause, principalId }: Said,
): Promise<string[]> {
  const { board, workspaceId } = by
  const wanted = JSON.stringify([{ id: canonical, whole: true }])
  const [row] = await lockProfiles(tx, { workspaceId, ids: [canonical], profiles: wanted })
  const before: TraitState = { traits: row?.traits ?? {}, provenance: row?.provenance ?? {} }
  const traits = { ...(await addressTraits(tx, by, before, correction)), ...stated }
  if (Object.keys(traits).length === 0) return []
  const keys = new Keyring(board.vault).batch(workspaceId)
  keys.know(canonical, row?.wrapped ?? null)
  const author = { kind: 'principal', id: principalId } as const
  const statement = { traits, author, cause, at: after(before, Object.keys(traits), by) }
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
  const changes = writes.map((one) => traitChange(profileId, board.clock.id(), one, 0, now))
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
    wakeAgents(tx, { workspaceId, happenings: changes.map(traitHappening), at }),
  ])
}
