import * as statements from '../../blackboard/query/listEvents.ts'
import type { EventType } from '../model/event.ts'
import type { JsonObject } from '../model/json.ts'
import { noteShown } from './observe.ts'
import { asPage, pageSize } from './page.ts'
import type { Page, PageInput } from './page.ts'
import { behind, factsOf, membersJson } from './profile.ts'
import type { Profile } from './profile.ts'
import type { Reader } from './reader.ts'

export interface EventView {
  id: string
  type: EventType
  name: string
  messageId: string
  sourceId: string
  properties: JsonObject
  occurredAt: Date
  receivedAt: Date
}

/** A page of the newest events of each profile and its members. What was sealed on arrival stays sealed. */
export async function listEvents(
  reader: Reader,
  profiles: readonly Profile[],
  input: PageInput,
): Promise<Page<EventView>[]> {
  const size = pageSize(input)
  if (!reader.ability.may('read', 'Event').allowed) return profiles.map(() => asPage([], size))
  const { workspaceId } = reader.principal
  const rows = await statements.listEvents(reader.board.db.sql, {
    workspaceId,
    profiles: membersJson(profiles),
    after: input.after ?? null,
    limit: size + 1,
  })
  if (rows.length > 0) {
    noteShown(reader, [{ object: 'events', count: rows.length }])
  }
  const bySubject = Map.groupBy(rows, (row) => row.subject)
  return profiles.map((profile) => {
    const own = bySubject.get(profile.id) ?? []
    return asPage(
      own.map((row) => asView(row, permitted(reader, profile, row.properties ?? {}))),
      size,
    )
  })
}

const asView = (
  row: Awaited<ReturnType<typeof statements.listEvents>>[number],
  properties: JsonObject,
): EventView => ({
  id: row.id,
  type: row.type,
  name: row.name,
  messageId: row.messageId,
  sourceId: row.sourceId,
  properties,
  occurredAt: row.occurredAt,
  receivedAt: row.receivedAt,
})

/** A property named like a registered trait holds the same kind of value, so the trait's rule covers it. */
function permitted(reader: Reader, profile: Profile, properties: JsonObject): JsonObject {
  const facts = factsOf(profile[behind])
  const entries = Object.entries(properties).filter(
    ([key]) => !reader.definitions.has(key) || reader.profiles.trait(key).visible(facts).allowed,
  )
  return Object.fromEntries(entries)
}
