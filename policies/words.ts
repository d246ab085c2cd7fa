import { roleSchema } from '../core/model/principal.ts'
import type { AccessChange } from './compare.ts'
import {
  capital,
  classesInWords,
  listed as listedBy,
  rolesInWords,
  subjectsInWords,
} from './describe.ts'

/** Somebody, as `comparePolicies` names them; `isNamed` when it also names agents beside `*`. */
export function callerWords(who: string, isNamed = false): string {
  if (who === '*') return isNamed ? 'all other agents' : 'agents'
  const role = roleSchema.safeParse(who)
  if (role.success) return rolesInWords[role.data]
  return who.endsWith('/*') ? `the other agents of ${who.slice(0, -2)}` : `the agent ${who}`
}

/** Values of a profile: a class, a name, or names by a pattern. */
export function fieldWords(field: string): string {
  const name = field.slice(field.indexOf(':') + 1)
  if (field.startsWith('class:')) return classesInWords[name] ?? field
  const kind = field.startsWith('identifier:') ? 'identifier' : 'trait'
  if (name === '*') return `every ${kind}`
  return name.includes('*') ? `${kind}s like ${name}` : `the ${kind} ${name}`
}

/** What is done, to what: "read contact data and the trait plan", "send by email", "approve policies". */
export function actionWords(
  { action, subject }: Pick<AccessChange, 'action' | 'subject'>,
  targets: readonly string[],
): string {
  if (action === 'activate') {
    const ways = targets.map((name) =>
      name === '*' ? 'every channel' : name === '*other' ? 'any other channel' : name,
    )
    return `send activations by ${listed(ways)}`
  }
  if (subject !== 'Profile') return `${action} ${subjectsInWords[subject]}`
  const verb = action === 'send' ? 'put into messages' : action
  return targets.length === 0 ? `${verb} any value` : `${verb} ${listed(targets.map(fieldWords))}`
}

/** "for service and security", "without a purpose". */
export function purposeWords(purposes: readonly (string | null)[]): string {
  const named = purposes.filter((each) => each !== null && each !== '*')
  const all = [...named, ...(purposes.includes('*') ? ['any other purpose'] : [])]
  const words = all.length === 0 ? [] : [`for ${listed(all.map(String))}`]
  return listed([...words, ...(purposes.includes(null) ? ['without a purpose'] : [])])
}

/** "a, b and c". */
export const listed = (words: readonly string[]): string => listedBy(words, 'and')

export const sentence = (words: string): string => `${capital(words)}.`
