import * as one from '../../blackboard/query/findFollowUp.ts'
import * as statements from '../../blackboard/query/listFollowUps.ts'
import type { FollowUpView } from '../../blackboard/query/listFollowUps.ts'
import { pageFollowUps } from '../../blackboard/query/pageFollowUps.ts'
import { overdueTries, type FollowUpKind, type FollowUpState } from '../model/followUp.ts'
import { asPage, fillPage, pageSize, type Page, type PageInput } from './page.ts'
import { allMembers, perProfile, type Profile } from './profile.ts'
import { demand, type Reader } from './reader.ts'
import { visibility, type RowKey } from './visibility.ts'

export type { FollowUpView }

const perMemberMax = 100

/** The newest follow-ups of each profile and its members; none for who may not read activations. */
export async function listFollowUps(
  reader: Reader,
  profiles: readonly Profile[],
): Promise<FollowUpView[][]> {
  if (!reader.ability.may('read', 'Activation').allowed) return profiles.map(() => [])
  const rows = await statements.listFollowUps(reader.board.db.sql, {
    workspaceId: reader.principal.workspaceId,
    ids: allMembers(profiles),
    limit: perMemberMax,
  })
  return perProfile(profiles, rows)
}

export interface FollowUpFilter {
  state?: FollowUpState | null | undefined
  kind?: FollowUpKind | null | undefined
  destination?: string | null | undefined
  /** Those that their receivers would not take in many tries, and those that were given up. */
  overdue?: boolean | null | undefined
}

/** The newest follow-ups of all persons whose rows the reader may see. @throws forbidden, bad_input */
export async function listAllFollowUps(
  reader: Reader,
  filter: FollowUpFilter,
  page: PageInput,
): Promise<Page<FollowUpView>> {
  const size = pageSize(page)
  demand(reader, 'read', 'Activation')
  const asked = {
    workspaceId: reader.principal.workspaceId,
    state: filter.state ?? null,
    kind: filter.kind ?? null,
    destination: filter.destination ?? null,
    overdueTries: filter.overdue ? overdueTries : null,
  }
  const found = await fillPage(
    { size, after: page.after ?? null },
    {
      read: (after, limit) => pageFollowUps(reader.board.db.sql, { ...asked, after, limit }),
      show: (rows) => visible(reader, rows),
      cursorOf: ({ id }) => id,
    },
  )
  return asPage(found, size)
}

/** Null when there is none that the reader may see. */
export async function findFollowUp(reader: Reader, key: RowKey): Promise<FollowUpView | null> {
  if (!reader.ability.may('read', 'Activation').allowed) return null
  const { workspaceId } = reader.principal
  const rows = await one.findFollowUp(reader.board.db.sql, { workspaceId, ...key })
  const [found] = await visible(reader, rows)
  return found ?? null
}

/**
 * Of a person who was erased there is nothing to hide any more: the row names an id that nothing stands behind. That
 * receivers are told of the erasure is what officers have to see to.
 */
async function visible<Row extends FollowUpView & { isErased: boolean }>(
  reader: Reader,
  rows: readonly Row[],
): Promise<Row[]> {
  const isVisible = await visibility(
    reader,
    rows.filter(({ isErased }) => !isErased),
  )
  return rows.filter((row) => row.isErased || isVisible(row))
}
