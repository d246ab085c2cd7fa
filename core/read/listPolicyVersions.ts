import * as statements from '../../blackboard/query/listPolicyVersions.ts'
import { fail } from '../errors.ts'
import { asPage, pageSize } from './page.ts'
import type { Page, PageInput } from './page.ts'
import { demand } from './reader.ts'
import type { Reader } from './reader.ts'

export type PolicyVersionView = statements.PolicyVersionRow

/** What decided where no policy was in force: nothing, so everything was refused. */
const nothing: PolicyVersionView = {
  number: 0,
  status: 'retired',
  title: 'No policy was in force',
  document: null,
  documentSha256: '',
  author: 'system',
  reason: 'no_active_policy',
  createdAt: new Date(0),
  activatedAt: null,
  widens: null,
  comparedWith: null,
  previous: null,
  proposedAt: null,
  retiredAt: null,
  breakGlassBy: null,
  breakGlassReason: null,
  breakGlassUntil: null,
  approvals: [],
}

/** Policy versions, newest first; `after` is a version number. @throws forbidden */
export async function listPolicyVersions(
  reader: Reader,
  input: PageInput,
): Promise<Page<PolicyVersionView>> {
  demand(reader, 'read', 'Policy')
  const size = pageSize(input)
  const rows = await statements.listPolicyVersions(reader.board.db.sql, {
    workspaceId: reader.principal.workspaceId,
    before: input.after == null ? null : numberOf(input.after),
    numbers: null,
    limit: size + 1,
  })
  return asPage(rows, size)
}

/**
 * Versions by number, in order, null where there is none; 0 stands for no policy. Whoever may read decisions may name the version
 * that decided; the document is given only with `read Policy`.
 */
export async function findPolicyVersions(
  reader: Reader,
  numbers: readonly number[],
): Promise<(PolicyVersionView | null)[]> {
  const mayRead = reader.ability.may('read', 'Policy').allowed
  if (!mayRead && !reader.ability.may('read', 'Decision').allowed) return numbers.map(() => null)
  const rows = await statements.listPolicyVersions(reader.board.db.sql, {
    workspaceId: reader.principal.workspaceId,
    before: null,
    numbers: [...numbers],
    limit: numbers.length,
  })
  const byNumber = new Map(rows.map((row) => [row.number, row]))
  return numbers.map((number) => {
    if (number === 0) return nothing
    const row = byNumber.get(number)
    return row ? { ...row, document: mayRead ? row.document : null } : null
  })
}

function numberOf(after: string): number {
  const number = Number(after)
  if (Number.isInteger(number)) return number
  throw fail('bad_input', { path: 'after', reason: 'it is not a cursor of this list' })
}
