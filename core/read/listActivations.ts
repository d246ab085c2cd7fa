import { findActivations as find } from '../../blackboard/query/findActivations.ts'
import * as statements from '../../blackboard/query/listActivations.ts'
import type { ActivationRow } from '../../blackboard/query/listActivations.ts'
import type { ActivationState } from '../model/activation.ts'
import type { Cost } from '../model/budget.ts'
import { traceIdOf } from '../model/trace.ts'
import type { Author } from '../model/trait.ts'
import { asPage, pageSize } from './page.ts'
import type { Page, PageInput } from './page.ts'
import { membersJson } from './profile.ts'
import type { Profile } from './profile.ts'
import type { Reader } from './reader.ts'
import { visibility } from './visibility.ts'
import type { RowKey } from './visibility.ts'

export interface ActivationView extends RowKey {
  state: ActivationState
  purpose: string
  channel: string
  destination: string | null
  risk: number | null
  cost: Cost | null
  requires: string[]
  decisionId: string | null
  traceId: string | null
  proposedBy: Author
  createdAt: Date
  updatedAt: Date
  sentAt: Date | null
}

/** A page of the newest activations of each profile and its members. */
export async function listActivations(
  reader: Reader,
  profiles: readonly Profile[],
  input: PageInput,
): Promise<Page<ActivationView>[]> {
  const size = pageSize(input)
  if (!mayRead(reader)) return profiles.map(() => asPage([], size))
  const rows = await statements.listActivations(reader.board.db.sql, {
    workspaceId: reader.principal.workspaceId,
    profiles: membersJson(profiles),
    after: input.after ?? null,
    limit: size + 1,
  })
  const bySubject = Map.groupBy(rows, (row) => row.subject)
  return profiles.map(({ id }) => asPage((bySubject.get(id) ?? []).map(asView), size))
}

/** Activations by key, in order; null where there is none that the reader may see. */
export async function findActivations(
  reader: Reader,
  keys: readonly RowKey[],
): Promise<(ActivationView | null)[]> {
  if (!mayRead(reader)) return keys.map(() => null)
  const [rows, isVisible] = await Promise.all([
    find(reader.board.db.sql, {
      workspaceId: reader.principal.workspaceId,
      keys: JSON.stringify(keys),
    }),
    visibility(reader, keys),
  ])
  const visible = rows.filter(isVisible)
  const byId = new Map(visible.map((row) => [`${row.profileId} ${row.id}`, asView(row)]))
  return keys.map(({ profileId, id }) => byId.get(`${profileId} ${id}`) ?? null)
}

const mayRead = (reader: Reader): boolean => reader.ability.may('read', 'Activation').allowed

export const asView = (row: ActivationRow): ActivationView => ({
  profileId: row.profileId,
  id: row.id,
  state: row.state,
  purpose: row.purpose,
  channel: row.channel,
  destination: row.destination,
  risk: row.risk,
  cost: row.cost,
  requires: row.requires,
  decisionId: row.decisionId,
  traceId: row.trace && traceIdOf(row.trace),
  proposedBy: { kind: row.proposerKind, id: row.proposerId },
  createdAt: row.createdAt,
  updatedAt: row.updatedAt,
  sentAt: row.sentAt,
})
