import type { PolicyDocument } from '../core/model/policy.ts'
import { limitParts } from '../core/model/policyLimit.ts'
import type { PolicyLimit } from '../core/model/policyLimit.ts'
import { isVaulted } from '../core/model/trait.ts'
import type { TraitDefinition } from '../core/model/trait.ts'
import { isTimezone } from './quietHours.ts'
import type { Report } from './problem.ts'

/** Reports every limit that says nothing definite by itself, and hours that would go by a sealed trait. */
export function checkLimits(
  { limits = [] }: Pick<PolicyDocument, 'limits'>,
  traits: readonly TraitDefinition[],
  report: Report,
): void {
  const seen = new Set<string>()
  for (const [at, limit] of limits.entries()) {
    const path = `limits.${at}`
    if (seen.has(limit.id)) {
      report(`${path}.id`, limit.id, 'another limit has this id', 'Rename one of them.')
    }
    seen.add(limit.id)
    if (limitParts.every((part) => limit[part] === undefined)) {
      const remedy = `Add one of ${limitParts.join(', ')}, or remove it.`
      report(path, limit.id, 'it limits nothing', remedy)
    }
    checkQuietHours(limit, path, traits, report)
  }
}

function checkQuietHours(
  { quietHours }: PolicyLimit,
  path: string,
  traits: readonly TraitDefinition[],
  report: Report,
): void {
  if (quietHours === undefined) return
  const { from, to, timezone, timezoneTrait } = quietHours
  const place = `${path}.quietHours`
  if (from === to) {
    const remedy = 'Name the hours in which nothing leaves; to stop it altogether, write a forbid.'
    report(`${place}.to`, to, 'the hours begin when they end', remedy)
  }
  if (!isTimezone(timezone)) {
    const remedy = 'Name one as the IANA database has it, such as Europe/Berlin or UTC.'
    report(`${place}.timezone`, timezone, 'no such time zone', remedy)
  }
  const trait = traits.find(({ key }) => key === timezoneTrait)
  if (trait !== undefined && isVaulted(trait.dataClass)) {
    const remedy = 'Name a trait of class none or pseudonymous.'
    report(`${place}.timezoneTrait`, trait.key, 'its values are sealed in the vault', remedy)
  }
}
