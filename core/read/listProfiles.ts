import { conditionToSql } from '../../blackboard/condition.ts'
import { listProfiles as list, profileAttributes } from '../../blackboard/query/listProfiles.ts'
import { fail } from '../errors.ts'
import { andPlans, when } from '../model/condition.ts'
import type { Plan } from '../model/condition.ts'
import { isVaulted } from '../model/trait.ts'
import { asPage, pageSize } from './page.ts'
import type { Page, PageInput } from './page.ts'
import { asProfile, learnTraits } from './profile.ts'
import type { Profile } from './profile.ts'
import { forbidden } from './reader.ts'
import type { Reader } from './reader.ts'

export interface ProfileFilter {
  /** Every one must hold; null stands for a trait that is missing. */
  traits?: { key: string; equals: string | number | boolean | null }[] | null | undefined
  updatedSince?: Date | null | undefined
  createdSince?: Date | null | undefined
}

export type ProfileOrder = 'oldest' | 'newest'

/**
 * A page of profiles that the reader may see, in the order in which they were created. A trait in the
 * filter matches only on rows where the reader may see that trait.
 * @throws forbidden when the reader may see no profile at all
 * @throws bad_input for a filter on a trait that is kept in the vault
 */
export async function listProfiles(
  reader: Reader,
  filter: ProfileFilter,
  order: ProfileOrder,
  input: PageInput,
): Promise<Page<Profile>> {
  const size = pageSize(input)
  if (reader.profiles.row.plan.kind === 'never') throw forbidden(reader, 'read', 'Profile')
  const plan = andPlans([reader.profiles.row.plan, ...filterPlans(reader, filter)])
  if (plan.kind === 'never') return asPage([], size)
  const rows = await list(reader.board.db.sql, {
    workspaceId: reader.principal.workspaceId,
    condition: plan.kind === 'always' ? null : conditionToSql(plan.condition, profileAttributes),
    order,
    after: input.after ?? null,
    limit: size + 1,
  })
  await learnTraits(reader, rows)
  return asPage(rows.map(asProfile), size)
}

function filterPlans(reader: Reader, filter: ProfileFilter): Plan[] {
  const plans: Plan[] = []
  const { updatedSince, createdSince } = filter
  if (updatedSince) plans.push(since('updatedAt', updatedSince))
  if (createdSince) plans.push(since('createdAt', createdSince))
  for (const { key, equals } of filter.traits ?? []) {
    const dataClass = reader.definitions.get(key)?.dataClass ?? 'pseudonymous'
    if (isVaulted(dataClass)) {
      const reason = `${dataClass} data is sealed and cannot be searched`
      throw fail('bad_input', { path: 'filter.traits', reason })
    }
    // A dot separates the steps of a path, so a key that holds one cannot be named by a condition.
    if (key === '' || key.includes('.')) {
      throw fail('bad_input', {
        path: 'filter.traits',
        reason: 'no trait of that key is searchable',
      })
    }
    plans.push(reader.profiles.trait(key).plan)
    plans.push(when({ op: 'eq', field: `traits.${key}`, value: equals }))
  }
  return plans
}

const since = (field: string, at: Date): Plan => when({ op: 'gte', field, value: at.toISOString() })
