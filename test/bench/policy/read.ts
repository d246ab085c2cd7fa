import { setTimeout } from 'node:timers/promises'
import type { PolicyDocument } from '../../../core/model/policy.ts'
import { parsePolicy } from '../../../policies/document.ts'
import { putInForce } from '../../support/putInForce.ts'
import { openBench } from '../bench.ts'
import type { Report } from '../figure.ts'
import { openReads } from '../query.ts'
import { grownPolicy } from './rules.ts'

const pairs = 30
const settleMs = 150
const sliceMs = 340

/**
 * Profile reads over GraphQL with 200 rules in force beside the same with 5. Under one unbroken load they take
 * turns of a third of a second, the order changing each time, so that what slows the machine down slows both.
 */
export async function benchRead(report: Report): Promise<void> {
  await using bench = await openBench({ works: false })
  const { board, workspaceId } = bench.app
  await using reads = await openReads(bench)
  const documents = { few: documentOf(5), many: documentOf(200) }
  let number = 1
  const countWith = async (which: keyof typeof documents): Promise<number> => {
    number += 1
    await putInForce(board.db.sql, { workspaceId, number, document: documents[which] })
    board.signals.send('policy')
    await setTimeout(settleMs)
    const [before, started] = [reads.served(), performance.now()]
    await setTimeout(sliceMs)
    return (reads.served() - before) / ((performance.now() - started) / 1000)
  }
  const slices: { few: number; many: number }[] = []
  const load = reads.run((pairs + 5) * 2 * ((settleMs + sliceMs + 20) / 1000))
  for (let pair = -3; pair < pairs; pair++) {
    const first = pair % 2 === 0 ? 'few' : 'many'
    const second = first === 'few' ? 'many' : 'few'
    const counted = { few: 0, many: 0 }
    counted[first] = await countWith(first)
    counted[second] = await countWith(second)
    // The first ones are for the compiler.
    if (pair >= 0) slices.push(counted)
  }
  await load
  const sum = (which: 'few' | 'many'): number =>
    slices.reduce((total, each) => total + each[which], 0)
  report({
    bench: 'policy',
    figure: 'profilesPerSecondWith200Rules',
    value: sum('many') / pairs,
    unit: '1/s',
    engine: bench.engine,
    baseline: 'the same with 5 rules',
    ratio: sum('many') / sum('few'),
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
