import {
  pageTraitConflicts,
  type PageOfTraitConflicts,
  type TraitConflictView as Row,
} from '../../blackboard/query/pageTraitConflicts.ts'
import type { TraitConflictState } from '../model/conflict.ts'
import type { Author } from '../model/trait.ts'
import { asPage, fillPage, pageSize, type Page, type PageInput } from './page.ts'
import { demand, type Reader } from './reader.ts'
import { traitSight } from './traitSight.ts'
import { visibility, type RowKey } from './visibility.ts'

/** A write of an agent that lost, with the values where the reader may see the trait. */
export interface TraitConflictView extends Omit<Row, 'winner' | 'winnerKind' | 'isSealed'> {
  winner: Author
  /** The reader may not see the values, or they are not kept. */
  isWithheld: boolean
}

export interface TraitConflictFilter {
  state?: TraitConflictState | null | undefined
  trait?: string | null | undefined
  /** `plugin/agent` that lost, or won. */
  agent?: string | null | undefined
}

/** The newest conflicts of all persons whose rows the reader may see. @throws forbidden, bad_input */
export async function listTraitConflicts(
  reader: Reader,
  filter: TraitConflictFilter,
  page: PageInput,
): Promise<Page<TraitConflictView>> {
  const size = pageSize(page)
  demand(reader, 'read', 'Activation')
  const { workspaceId } = reader.principal
  const asked = {
    ...anyConflict,
    workspaceId,
    state: filter.state ?? null,
    trait: filter.trait ?? null,
    agent: filter.agent ?? null,
  }
  const found = await fillPage(
    { size, after: page.after ?? null },
    {
      read: (after, limit) => pageTraitConflicts(reader.board.db.sql, { ...asked, after, limit }),
      show: (rows) => shown(reader, rows),
      cursorOf: ({ id }) => id,
    },
  )
  return asPage(found, size)
}

/** Null when there is none that the reader may see. @throws forbidden */
export async function findTraitConflict(
  reader: Reader,
  { profileId, id }: RowKey,
): Promise<TraitConflictView | null> {
  demand(reader, 'read', 'Activation')
  const { workspaceId } = reader.principal
  const one = { ...anyConflict, workspaceId, profileId, id, limit: 1 }
  const [found] = await shown(reader, await pageTraitConflicts(reader.board.db.sql, one))
  return found ?? null
}

const anyConflict = {
  profileId: null,
  id: null,
  state: null,
  trait: null,
  agent: null,
  after: null,
} as const satisfies Omit<PageOfTraitConflicts, 'workspaceId' | 'limit'>

async function shown(reader: Reader, rows: readonly Row[]): Promise<TraitConflictView[]> {
  const ids = rows.map(({ profileId }) => profileId)
  const [isVisible, sees] = await Promise.all([visibility(reader, rows), traitSight(reader, ids)])
  return rows.filter(isVisible).map(({ winner, winnerKind, isSealed, ...row }) => {
    const isWithheld = isSealed || !sees(row.profileId, row.trait)
    const values = isWithheld ? { value: null, stood: null } : {}
    return { ...row, ...values, winner: { kind: winnerKind, id: winner }, isWithheld }
  })
}
