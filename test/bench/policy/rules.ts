import type { JsonObject } from '../../../core/model/json.ts'
import { parsePolicy, type Policy } from '../../../policies/document.ts'

export const purposes = [
  'analytics',
  'personalization',
  'service',
  'security',
  'marketing.promotion',
  'marketing.newsletter',
  'marketing.ads',
  'research',
]

const whos = [
  { roles: ['app'] },
  { roles: ['app'] },
  { roles: ['app', 'admin'] },
  { agents: ['*'], roles: ['app'] },
  { roles: ['officer'] },
]
const fields = [
  ['class:pseudonymous'],
  ['trait:plan'],
  ['trait:p*', 'trait:seats'],
  ['class:contact'],
  ['identifier:user_id'],
  ['trait:ltv', 'trait:country'],
  ['trait:note_*'],
]
const conditions: (JsonObject | undefined)[] = [
  undefined,
  { 'traits.country': 'DE' },
  { 'traits.seats': { $gte: 3 } },
  { 'traits.vip': true },
  { 'traits.plan': { $in: ['pro', 'team'] } },
  { 'traits.ltv': { $lt: 1000 } },
  { restricted: false },
  { jurisdiction: { $in: ['DE', 'FR'] } },
  { 'traits.blocked': true },
]
/** What a forbid asks for in a working policy: exceptions, which few people are. */
const exceptions: JsonObject[] = [
  { 'traits.blocked': true },
  { 'traits.seats': { $gt: 100 } },
  { 'traits.country': { $in: ['KP', 'IR'] } },
  { 'traits.vip': true, 'traits.plan': 'free' },
]

const pick = <T>(items: readonly T[], at: number): T | undefined => items[at % items.length]

/**
 * `count` rules as a grown policy has them: most concern apps, each some purposes and some fields, half ask
 * for something of the profile, and one in five is an exception that forbids.
 */
export function grownPolicy(count: number): Policy {
  const rules = Array.from({ length: count }, (_, n): JsonObject => {
    const isForbid = n % 5 === 4
    const when = isForbid ? pick(exceptions, n) : pick(conditions, n)
    return {
      id: `rule-${n}`,
      sentence: `Rule number ${n} of a policy that has grown.`,
      effect: isForbid ? 'forbid' : 'permit',
      ...pick(whos, n + Math.floor(n / 5)),
      action: 'read',
      subject: 'Profile',
      purposes: [pick(purposes, Math.floor(n / 3)) ?? '*'],
      fields: pick(fields, Math.floor(n / 2)) ?? [],
      ...(when === undefined ? {} : { when }),
      reason: `reason_${n}`,
    }
  })
  return parsePolicy({ title: `${count} rules`, rules })
}
