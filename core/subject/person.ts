import type { TransactionSql } from 'postgres'
import { findCanonical } from '../../blackboard/query/findCanonical.ts'
import { fail } from '../errors.ts'
import { lockPerson } from '../flow/subject.ts'

/** Somebody as the identity graph has them now, which may be other than when they asked. */
export interface Person {
  canonical: string
  members: string[]
}

/**
 * Locks everyone that profiles count as, in id order.
 *
 * @throws subject_erased
 */
export async function lockPersons(
  tx: TransactionSql,
  workspaceId: number,
  profileIds: readonly string[],
): Promise<Person[]> {
  const canonicals = new Set<string>()
  for (const id of profileIds) {
    const [found] = await findCanonical(tx, { workspaceId, id })
    if (found) canonicals.add(found.canonical)
  }
  const persons: Person[] = []
  for (const canonical of [...canonicals].toSorted()) {
    const { members, isErased } = await lockPerson(tx, workspaceId, canonical)
    if (isErased) throw fail('subject_erased')
    persons.push({ canonical, members })
  }
  return persons
}

export const membersOf = (persons: readonly Person[]): string[] =>
  persons.flatMap(({ members }) => members)
