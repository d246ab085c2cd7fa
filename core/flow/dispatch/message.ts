import { listIdentifiers } from '../../../blackboard/query/listIdentifiers.ts'
import type { GateRow } from '../../../blackboard/query/claimProposed.ts'
import type { SubjectRow } from '../../../blackboard/query/loadSubjects.ts'
import type { Board } from '../../board.ts'
import { jsonSchema, type JsonObject } from '../../model/json.ts'
import { openSealed, placeKey, type SealedPlace } from '../../openSealed.ts'
import type { Channel, Message } from '../channel/channel.ts'
import { isCurrent } from '../gate/assemble.ts'
import type { Obligations } from '../gate/input.ts'
import { hashed } from './hashed.ts'

/** An activation that may go out now. */
export interface Cleared {
  row: GateRow
  subject: SubjectRow
  obligations: Obligations
}

/**
 * Builds what the channels carry: the permitted fields' values and, where the channel addresses persons, the
 * address. Sealed values are opened here and nowhere else on the way out, all of a batch in one statement.
 */
export async function messagesOf(
  board: Board,
  workspaceId: number,
  cleared: readonly { item: Cleared; channel: Channel }[],
): Promise<Message[]> {
  const now = board.clock.now()
  const addresses = await addressPlaces(board, workspaceId, cleared)
  const places = cleared.flatMap(({ item }, at) => [
    ...fieldPlaces(item, now),
    ...(addresses[at] ? [addresses[at]] : []),
  ])
  const opened = await openSealed(board, workspaceId, places)
  return cleared.map(({ item, channel }, at): Message => {
    const { row, subject } = item
    const place = addresses[at]
    const address = (place && opened.get(placeKey(place))) ?? null
    return {
      id: row.id,
      workspaceId,
      purpose: row.purpose,
      profileId: subject.canonical,
      destination: row.destination,
      content: row.content,
      fields: fieldsOf(item, now, opened),
      address: address && addressOf(item, channel, address),
    }
  })
}

const addressOf = (
  { obligations: { hash } }: Cleared,
  { addressedBy }: Channel,
  address: string,
): string =>
  addressedBy !== null && hash.includes(`identifier:${addressedBy}`)
    ? hashed(addressedBy, address)
    : address

const dayMs = 86_400_000

/** Fields that may go out and that the person has now, with the profile a sealed one lies under. */
function permitted(
  { row, obligations: { mask, maxAgeDays }, subject }: Cleared,
  now: Date,
): { field: string; vault?: string }[] {
  return row.fields.flatMap((field) => {
    const made = Object.hasOwn(subject.provenance, field) ? subject.provenance[field] : undefined
    if (mask.includes(field) || !made || !isCurrent(made, now)) return []
    const age = now.getTime() - Date.parse(made.writtenAt)
    if (maxAgeDays !== null && age >= maxAgeDays * dayMs) return []
    return made.vault === undefined ? { field } : { field, vault: made.vault }
  })
}

const placeOf = (field: string, profileId: string): SealedPlace => ({
  profileId,
  key: `trait/${field}`,
})

const fieldPlaces = (item: Cleared, now: Date): SealedPlace[] =>
  permitted(item, now).flatMap(({ field, vault }) =>
    vault === undefined ? [] : placeOf(field, vault),
  )

function fieldsOf(item: Cleared, now: Date, opened: ReadonlyMap<string, string>): JsonObject {
  const { subject, obligations } = item
  const { traits } = subject
  const fields: JsonObject = {}
  for (const { field, vault } of permitted(item, now)) {
    const text = vault === undefined ? undefined : opened.get(placeKey(placeOf(field, vault)))
    const value = text === undefined ? undefined : jsonSchema.parse(JSON.parse(text))
    const found = vault === undefined && Object.hasOwn(traits, field) ? traits[field] : value
    if (found === undefined) continue
    fields[field] = obligations.hash.includes(`trait:${field}`) ? hashed(field, found) : found
  }
  return fields
}

async function addressPlaces(
  { db }: Board,
  workspaceId: number,
  cleared: readonly { item: Cleared; channel: Channel }[],
): Promise<(SealedPlace | undefined)[]> {
  const members = cleared.flatMap(({ item, channel }) =>
    channel.addressedBy === null ? [] : item.subject.members,
  )
  if (members.length === 0) return cleared.map(() => undefined)
  const identifiers = await listIdentifiers(db.sql, {
    workspaceId,
    profileIds: members,
  })
  return cleared.map(({ item, channel }) => {
    // The last one seen is the one in use.
    const found = identifiers.findLast(
      ({ namespace, profileId }) =>
        namespace === channel.addressedBy && item.subject.members.includes(profileId),
    )
    return (
      found && { profileId: found.profileId, key: `identifier/${found.namespace}/${found.hash}` }
    )
  })
}
