import type { PolicyRule } from '../core/model/policy.ts'
import type { TraitDefinition } from '../core/model/trait.ts'
import { contradictsItself } from './contradiction.ts'
import { coversRule } from './cover.ts'
import { createBudget } from './problem.ts'
import type { Report } from './problem.ts'

/**
 * Reports rules that do nothing: a permit of which a forbid leaves nothing, a rule that another of the same
 * effect contains, conditions that no profile can meet. Never one that does something: taking all reported
 * permits and repeated forbids away changes no value that anybody sees, sends or writes.
 *
 * @param rules by position; undefined where a rule could not be read
 */
export function checkDead(
  rules: readonly (PolicyRule | undefined)[],
  traits: readonly TraitDefinition[],
  report: Report,
): void {
  const definitions = new Map(traits.map((each) => [each.key, each]))
  const budget = createBudget()
  const covers = (wide: PolicyRule, narrow: PolicyRule): boolean =>
    coversRule(wide, narrow, definitions, budget)
  for (const [at, rule] of rules.entries()) {
    if (report.isFull()) return
    if (rule === undefined) continue
    const path = `rules.${at}`
    for (const [field, spec] of Object.entries(rule.when ?? {})) {
      if (!contradictsItself(field, spec)) continue
      const remedy = 'Remove one of the comparisons, or write one rule for each case.'
      report(`${path}.when.${field}`, spec, 'no value can meet all of this', remedy)
    }
    const [by] = rules.flatMap((other, position) => {
      const repeats = rule.effect === other?.effect
      if (other === undefined || position === at || (!repeats && other.effect === 'permit'))
        return []
      if (!covers(other, rule)) return []
      // Of two that say the same, the first stays.
      if (repeats && position > at && covers(rule, other)) return []
      return [other]
    })
    if (by !== undefined) reportCovered(rule, by, path, report)
  }
}

function reportCovered(rule: PolicyRule, by: PolicyRule, path: string, report: Report): void {
  if (rule.effect === by.effect) {
    const reason = `it adds nothing: the rule ${by.id} already ${rule.effect}s all of it`
    report(path, rule.id, reason, `Remove ${rule.id}, or remove ${by.id} if it says too much.`)
    return
  }
  const reason = `it gives nothing: the rule ${by.id} forbids all of it, and a forbid wins`
  const remedy = `Remove ${rule.id}, or narrow ${by.id}: fewer callers, purposes or fields, or a \`when\`.`
  report(path, rule.id, reason, remedy)
}
