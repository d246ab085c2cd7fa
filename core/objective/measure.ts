import { measureProfiles, type Measure } from '../../blackboard/query/measureProfiles.ts'
import { collectProblems } from '../../policies/problem.ts'
import { readWhen } from '../../policies/when.ts'
import type { Board } from '../board.ts'
import { fail } from '../errors.ts'
import type { Definitions } from '../flow/classify.ts'
import { fieldsOf, type Condition } from '../model/condition.ts'
import { allows, purposesOf } from '../model/derive.ts'
import type { JsonObject } from '../model/json.ts'
import { personsMin, type Metric } from '../model/objective.ts'
import { lineage } from '../model/purpose.ts'
import { isVaulted, ruleClass } from '../model/trait.ts'

interface Measured {
  workspaceId: number
  purpose: string
  metric: Metric
}

/**
 * What a metric comes to now, over everybody who may be looked at for the purpose; null where that is fewer than ten
 * persons, or where nothing can be divided.
 */
export async function measure(
  { db, clock }: Pick<Board, 'db' | 'clock'>,
  { workspaceId, purpose, metric }: Measured,
): Promise<number | null> {
  const common = {
    workspaceId,
    now: clock.now().toISOString(),
    lineage: lineage(purpose),
    where: metric.where ? [conditionOf(metric.where, 'metric.where')] : [],
  }
  const ask = async (more: Pick<Measure, 'numbers' | 'value' | 'how'>): Promise<number | null> => {
    const { value, persons } = await measureProfiles(db.sql, { ...common, ...more })
    return persons < personsMin ? null : value
  }
  switch (metric.kind) {
    case 'share': {
      const holds = conditionOf(metric.holds, 'metric.holds')
      return ask({ numbers: [], value: { holds }, how: 'average' })
    }
    case 'ratio': {
      const numbers = [metric.trait, metric.over]
      const above = await ask({ numbers, value: { trait: metric.trait }, how: 'sum' })
      const below = await ask({ numbers, value: { trait: metric.over }, how: 'sum' })
      return above === null || below === null || below === 0 ? null : above / below
    }
    case 'average':
    case 'sum':
    default:
      return ask({ numbers: [], value: { trait: metric.trait }, how: metric.kind })
  }
}

/**
 * Refuses what may not be measured: traits that nobody defined, personal data, and what may not be used for the purpose.
 *
 * @throws bad_input
 */
export function demandMeasurable(
  { purpose, metric }: Omit<Measured, 'workspaceId'>,
  definitions: Definitions,
): void {
  for (const key of traitsOf(metric)) {
    const definition = definitions.get(key)
    const reason =
      definition === undefined
        ? 'nobody defined it'
        : isVaulted(ruleClass(definition))
          ? 'it is personal data, and sealed'
          : allows(purposesOf(definition.purposes), purpose)
            ? undefined
            : `it may not be used for ${purpose}`
    if (reason !== undefined)
      throw fail('bad_input', { path: 'metric', reason: `the trait ${key}: ${reason}` })
  }
}

function traitsOf(metric: Metric): string[] {
  const { where } = metric
  const conditions = [
    ...(where ? [conditionOf(where, 'metric.where')] : []),
    ...(metric.kind === 'share' ? [conditionOf(metric.holds, 'metric.holds')] : []),
  ]
  return [
    ...new Set([
      ...conditions.flatMap((each) => fieldsOf(each).flatMap((field) => field.split('.')[1] ?? [])),
      ...(metric.kind === 'share' ? [] : [metric.trait]),
      ...(metric.kind === 'ratio' ? [metric.over] : []),
    ]),
  ]
}

/** @throws bad_input */
function conditionOf(when: JsonObject, path: string): Condition {
  const { problems, report } = collectProblems()
  const reading = { effect: 'permit', path, asker: {}, report, attributes: { traits: 'jsonb' } }
  const condition = readWhen(when, {
    ...reading,
    effect: 'permit',
    attributes: { traits: 'jsonb' },
  })
  if (condition !== undefined) return condition
  const [first] = problems
  throw fail('bad_input', {
    path: first?.path ?? path,
    reason: first ? `${first.reason}. ${first.remedy}` : 'it asks who asks: name a value instead',
  })
}
