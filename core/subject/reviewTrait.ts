/** Art. 22: a person looks at what an agent concluded about a person, and it stands or goes. */
import type { TransactionSql } from 'postgres'
import { bumpLegalStates } from '../../blackboard/query/bumpLegalStates.ts'
import { lockProfiles } from '../../blackboard/query/lockProfiles.ts'
import { updateTraits } from '../../blackboard/query/updateTraits.ts'
import { transact } from '../../blackboard/transact.ts'
import { parseInput } from '../admin/parseInput.ts'
import { fail } from '../errors.ts'
import { enqueueFollowUps } from '../flow/followUp/enqueue.ts'
import type { JsonObject } from '../model/json.ts'
import { reaches, reviewTraitSchema, type SubjectRequest } from '../model/subjectRequest.ts'
import type { Provenance, TraitDefinition } from '../model/trait.ts'
import type { Reader } from '../read/reader.ts'
import { changeRequest, handlerOf, lockRequest, tell, type Handler } from './changeRequest.ts'
import { demandAct, did } from './life.ts'
import { lockPersons, membersOf, type Person } from './person.ts'
import { heeding, putTraits } from './putTraits.ts'

/**
 * Upheld, the conclusion stands with the reason. Overturned, the value goes or what is right takes its place, and no
 * agent writes the trait for this person until `liftTraitPin`; who got data already is told (Art. 19). The pin stands
 * on the trait itself, so an agent that had read the trait before it commits nothing on it.
 *
 * @throws trait_not_concluded, identity_unverified for a value of somebody who is known by their word alone
 */
export async function reviewTrait(reader: Reader, input: unknown): Promise<SubjectRequest> {
  const by = handlerOf(reader)
  const { board, workspaceId } = by
  const { id, verdict, reason, value } = parseInput(reviewTraitSchema, input)
  await reader.learn()
  let touched: string[] = []
  const changed = await changeRequest(by, id, async (request, tx) => {
    const key = contestedBy(request)
    const persons = await lockPersons(tx, workspaceId, request.profileIds)
    const concluded = await concludedOf(tx, by, persons, {
      key,
      id,
      owner: reader.definitions.get(key)?.owner ?? null,
    })
    if (concluded.length === 0) throw fail('trait_not_concluded', { key })
    const details = { verdict, trait: key }
    if (verdict === 'confirmed')
      return did(request, 'reviewed', { ...details, reason: reason ?? null })
    if (value != null) demandVerified(request)
    const ids = membersOf(persons)
    const now = board.clock.now()
    await bumpLegalStates(tx, { workspaceId, ids: JSON.stringify(ids), at: now.toISOString() })
    const definitions = heeding(unowned(reader.definitions, key))
    const traits = (): Promise<JsonObject> => Promise.resolve({ [key]: value ?? null })
    const said = { traits, cause: id, principalId: reader.principal.id, pinned: id }
    for (const person of concluded) await putTraits(tx, by, definitions, person, said)
    const told = await enqueueFollowUps(tx, board, {
      workspaceId,
      at: now,
      kind: 'rectification',
      profileIds: ids,
      purpose: null,
      channel: '*',
      reason: 'review_overturned',
    })
    touched = ids
    const became = value == null ? 'removed' : 'replaced'
    return did(request, 'reviewed', { ...details, became, recipientsToTell: told.length })
  })
  rouse(by, touched)
  return changed
}

/**
 * Agents may write again what a review had taken out of their hands. The value stays until one does. The request has
 * ended by then and stays as it is; its history goes on.
 *
 * @throws request_step_refused when nothing is pinned by it
 */
export async function liftTraitPin(reader: Reader, id: string): Promise<SubjectRequest> {
  const by = handlerOf(reader)
  const { board, workspaceId } = by
  const { request, ids } = await transact(board.db, async (tx) => {
    const request = await lockRequest(tx, by, id)
    const persons = await lockPersons(tx, workspaceId, request.profileIds)
    const ids = membersOf(persons)
    const at = board.clock.now().toISOString()
    await bumpLegalStates(tx, { workspaceId, ids: JSON.stringify(ids), at })
    const lifted = await unpin(tx, by, persons, { id, at })
    if (lifted === 0) {
      throw fail('request_step_refused', { request: id, state: request.state, act: 'unpinned' })
    }
    await tell(tx, by, { request, act: 'pin_lifted', details: { trait: request.trait } })
    return { request, ids }
  })
  board.signals.send('audit')
  rouse(by, ids)
  return request
}

function contestedBy(request: SubjectRequest): string {
  demandAct(request, ['automated_decision_review'], 'reviewed')
  if (request.trait !== null) return request.trait
  throw fail('bad_input', {
    path: 'input.id',
    reason: 'it contests a decision: use reviewDecision',
  })
}

/** A word about a person is written down of whom we know that it is them, as for a rectification. */
function demandVerified({ id, verification }: SubjectRequest): void {
  if (reaches(verification, 'verified')) return
  throw fail('identity_unverified', { request: id, needed: 'verified', level: verification })
}

interface Contested {
  key: string
  /** Of the request, which may be reviewed again. */
  id: string
  owner: string | null
}

/** Those of whom the trait is an agent's conclusion. */
async function concludedOf(
  tx: TransactionSql,
  by: Handler,
  persons: readonly Person[],
  contested: Contested,
): Promise<Person[]> {
  const rows = await statesOf(tx, by, persons)
  const concluded = new Set(
    rows.flatMap(({ id, provenance }) =>
      isConcluded(madeOf(provenance, contested.key), contested) ? [id] : [],
    ),
  )
  return persons.filter(({ canonical }) => concluded.has(canonical))
}

function isConcluded(made: Provenance | undefined, { id, owner }: Contested): boolean {
  if (made === undefined) return false
  if (made.pinned !== undefined) return made.pinned === id
  // Of merged conclusions the platform is the author; the owner tells whose they are.
  return !made.removed && (made.author.kind === 'agent' || owner !== null)
}

const madeOf = (
  provenance: Record<string, Provenance> | null,
  key: string,
): Provenance | undefined =>
  provenance && Object.hasOwn(provenance, key) ? provenance[key] : undefined

/** What stands on persons whom the caller holds. */
function statesOf(tx: TransactionSql, { workspaceId }: Handler, persons: readonly Person[]) {
  const ids = persons.map(({ canonical }) => canonical)
  const profiles = JSON.stringify(ids.map((id) => ({ id, whole: true })))
  return lockProfiles(tx, { workspaceId, ids, profiles })
}

/** Ownership keeps events from an agent's trait, and not the person whom the value is about. */
function unowned(
  definitions: ReadonlyMap<string, TraitDefinition>,
  key: string,
): ReadonlyMap<string, TraitDefinition> {
  const definition = definitions.get(key)
  return definition ? new Map([...definitions, [key, { ...definition, owner: null }]]) : definitions
}

async function unpin(
  tx: TransactionSql,
  by: Handler,
  persons: readonly Person[],
  { id: request, at }: { id: string; at: string },
): Promise<number> {
  const rows = await statesOf(tx, by, persons)
  const freed = rows.flatMap(({ id, traits, provenance }) => {
    const made = Object.entries(provenance ?? {})
    if (!made.some(([, { pinned }]) => pinned === request)) return []
    const free = made.map(([key, { pinned, ...rest }]): [string, Provenance] => [
      key,
      pinned === undefined || pinned === request ? rest : { ...rest, pinned },
    ])
    return [{ id, traits: traits ?? {}, provenance: Object.fromEntries(free), at }]
  })
  if (freed.length > 0) {
    await updateTraits(tx, {
      workspaceId: by.workspaceId,
      ids: freed.map(({ id }) => id),
      profiles: JSON.stringify(freed),
    })
  }
  return freed.length
}

function rouse({ board, workspaceId }: Handler, ids: readonly string[]): void {
  board.signals.send('followUp')
  board.signals.send('agenda')
  if (ids.length > 0) board.signals.profileChanged(workspaceId, ids)
}
