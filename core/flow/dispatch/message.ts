import { readVault } from '../../../blackboard/query/readVault.ts'
import { listIdentifiers } from '../../../blackboard/query/listIdentifiers.ts'
import type { GateRow } from '../../../blackboard/query/claimProposed.ts'
import type { SubjectRow } from '../../../blackboard/query/loadSubjects.ts'
import type { Board } from '../../board.ts'
import { jsonSchema, type JsonObject } from '../../model/json.ts'
import { open } from '../../vault.ts'
import type { Channel, Message } from '../channel/channel.ts'

/** An activation that may go out now. */
export interface Cleared {
  row: GateRow
  subject: SubjectRow
  /** Fields that the gate says must stay out. */
  mask: readonly string[]
}

interface Sealed {
  profileId: string
  key: string
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
  const addresses = await addressPlaces(board, workspaceId, cleared)
  const places = cleared.flatMap(({ item }, at) => [
    ...fieldPlaces(item),
    ...(addresses[at] ? [addresses[at]] : []),
  ])
  const opened = await openAll(board, workspaceId, places)
  return cleared.map(({ item }, at): Message => {
    const { row, subject } = item
    const address = addresses[at]
    return {
      id: row.id,
      purpose: row.purpose,
      profileId: subject.canonical,
      destination: row.destination,
      content: row.content,
      fields: fieldsOf(item, opened),
      address: (address && opened.get(placeKey(address))) ?? null,
    }
  })
}

const permitted = ({ row, mask }: Cleared): string[] =>
  row.fields.filter((field) => !mask.includes(field))

/** A field that is not in the open may be in the vault of any profile that counts as the person. */
const fieldPlaces = (item: Cleared): Sealed[] =>
  permitted(item)
    .filter((field) => !Object.hasOwn(item.subject.traits, field))
    .flatMap((field) => item.subject.members.map((profileId) => ({ profileId, key: `trait/${field}` })))

function fieldsOf(item: Cleared, opened: ReadonlyMap<string, string>): JsonObject {
  const { subject } = item
  const fields: JsonObject = {}
  for (const field of permitted(item)) {
    const standing = Object.hasOwn(subject.traits, field) ? subject.traits[field] : undefined
    if (standing !== undefined) fields[field] = standing
    // The canonical profile's own value is the newest: later writes go there.
    for (const profileId of standing === undefined ? [subject.canonical, ...subject.members] : []) {
      const text = opened.get(placeKey({ profileId, key: `trait/${field}` }))
      if (text === undefined) continue
      fields[field] = jsonSchema.parse(JSON.parse(text))
      break
    }
  }
  return fields
}

async function addressPlaces(
  { db }: Board,
  workspaceId: number,
  cleared: readonly { item: Cleared; channel: Channel }[],
): Promise<(Sealed | undefined)[]> {
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
    return found && { profileId: found.profileId, key: `identifier/${found.namespace}/${found.hash}` }
  })
}

const placeKey = ({ profileId, key }: Sealed): string => `${profileId} ${key}`

async function openAll(
  { db, vault }: Board,
  workspaceId: number,
  places: readonly Sealed[],
): Promise<Map<string, string>> {
  if (places.length === 0) return new Map()
  const rows = await readVault(db.sql, { workspaceId, places: JSON.stringify(places) })
  return new Map(
    rows.map(({ profileId, key, sealed, wrapped }) => {
      const plain = open(
        vault.unwrap(workspaceId, profileId, wrapped),
        { workspaceId, profileId, field: key },
        sealed,
      )
      return [placeKey({ profileId, key }), plain.toString('utf8')]
    }),
  )
}
