import type { PolicyDocument } from '../../../core/model/policy.ts'
import { parsePolicy } from '../../../policies/document.ts'
import { putInForce } from '../../support/putInForce.ts'
import { openBench } from '../bench.ts'
import { quantile, type Report } from '../figure.ts'
import { openReads } from '../query.ts'
import { grownPolicy } from './rules.ts'

const pairs = 8
const seconds = 2

/**
 * Profile reads over GraphQL with 200 rules in force beside the same with 5. They take turns of two seconds,
 * the order changing each time, so that what slows the machine down slows both.
 */
export async function benchRead(report: Report): Promise<void> {
  await using bench = await openBench({ works: false })
  const { app, engine } = bench
  await using reads = await openReads(bench)
  let number = 1
  const runWith = async (rules: number): Promise<number> => {
    number += 1
    await putInForce(app.board.db.sql, {
      workspaceId: app.workspaceId,
      number,
      document: documentOf(rules),
    })
    app.board.signals.send('policy')
    return (await reads.run(seconds)).perSecond
  }
  for (const rules of [5, 200]) await runWith(rules)
  const few: number[] = []
  const many: number[] = []
  for (let pair = 0; pair < pairs; pair++) {
    const isFewFirst = pair % 2 === 0
    if (isFewFirst) few.push(await runWith(5))
    many.push(await runWith(200))
    if (!isFewFirst) few.push(await runWith(5))
  }
  const ratios = many.map((each, at) => each / (few[at] ?? Number.NaN))
  report({
    bench: 'policy',
    figure: 'profilesPerSecondWith200Rules',
    value: quantile(many, 0.5),
    unit: '1/s',
    engine,
    baseline: 'the same with 5 rules',
    ratio: quantile(ratios, 0.5),
  })
}

/** The five rules that let an app read; the rest of 200 says the same and more about the same and other fields. */
function documentOf(rules: number): PolicyDocument {
  const base = {
    sentence: 'Apps read what they need.',
    effect: 'permit',
    roles: ['app'],
    action: 'read',
    subject: 'Profile',
    reason: 'app',
  }
  const reads = [
    { ...base, id: 'none', purposes: ['analytics'], fields: ['class:none'] },
    { ...base, id: 'open', purposes: ['analytics'], fields: ['class:pseudonymous'] },
    { ...base, id: 'ids', purposes: ['personalization'], fields: ['identifier:*'] },
    {
      ...base,
      id: 'mail',
      purposes: ['service'],
      fields: ['class:contact'],
    },
    {
      ...base,
      id: 'not-blocked',
      effect: 'forbid',
      purposes: ['*'],
      when: { 'traits.blocked': true },
    },
  ]
  // Not rules that show this app more than the five do: it would read more, which is not the rules' price.
  const more = grownPolicy(400)
    .document.rules.filter(
      (rule) => rule.effect === 'forbid' || !rule.fields?.includes('class:contact'),
    )
    .slice(0, rules - reads.length)
  return parsePolicy({ title: `${rules} rules`, rules: [...reads, ...more] }).document
}
