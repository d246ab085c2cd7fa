import { tellDecision, type DecisionFacts } from '../../../core/explain/tellDecision.ts'
import { decide } from '../../../core/flow/gate/decide.ts'
import type { GateInput, GateVerdict } from '../../../core/flow/gate/input.ts'
import { fail } from '../../../core/errors.ts'
import type { JsonObject } from '../../../core/model/json.ts'
import type { TraitDefinition } from '../../../core/model/trait.ts'
import { createAbilities } from '../../../policies/ability.ts'
import { parsePolicy, type Policy } from '../../../policies/document.ts'
import { shippedPolicy } from '../../../policies/shipped.ts'
import type { Who } from '../../../policies/vocabulary.ts'
import { consent, given } from '../../core/flow/gate/given.ts'
import { quantile, type Report } from '../figure.ts'

const rules = 200
const people = 1000
const times = 100_000

/**
 * The gate in one process: all checks over inputs of 1,000 persons, the shipped policy with 200 rules more on
 * activations, and for each decision the officer's explanation of every check.
 */
export function benchDecide(report: Report): void {
  const questions = createQuestions(grownPolicy())
  for (let n = 0; n < times / 4; n += 1) answer(questions[n % people])
  const samples: number[] = []
  let allowed = 0
  let letters = 0
  const started = performance.now()
  const cpu = process.cpuUsage()
  for (let n = 0; n < times; n += 1) {
    const at = performance.now()
    const { verdict, text } = answer(questions[n % people])
    samples.push(performance.now() - at)
    allowed += Number(verdict.outcome === 'allow')
    letters += text.length
  }
  const seconds = (performance.now() - started) / 1000
  const { user, system } = process.cpuUsage(cpu)
  const base = {
    bench: 'gate',
    engine: `in process, shipped policy and ${rules} rules`,
    checks: questions[0] ? answer(questions[0]).verdict.checks.length : 0,
    allowed: `${Math.round((allowed / times) * 100)}%`,
    // What the machine's other work does not change.
    perCpuSecond: Math.round(times / ((user + system) / 1e6)),
    explanation: `${Math.round(letters / times)} characters`,
  }
  report({ ...base, figure: 'decisionsPerSecond', value: times / seconds, unit: '1/s' })
  for (const [name, q] of [
    ['p50', 0.5],
    ['p99', 0.99],
  ] as const) {
    report({ ...base, figure: `decision.${name}`, value: quantile(samples, q) * 1000, unit: 'us' })
  }
}

interface Question {
  input: () => GateInput
  sentences: ReadonlyMap<string, string>
}

function answer(question: Question | undefined): { verdict: GateVerdict; text: string } {
  if (!question) throw new TypeError('no question')
  const input = question.input()
  const verdict = decide(input)
  return { verdict, text: tellDecision(factsOf(input, verdict, question), 'officer').text }
}

const factsOf = (
  { now, request, consents }: GateInput,
  verdict: GateVerdict,
  { sentences }: Question,
): DecisionFacts => ({
  ...verdict,
  decidedAt: now,
  purpose: request.purpose,
  aim: 'To send offers.',
  channel: request.channel,
  fields: request.fields,
  proposer: `${request.proposer.kind}:${request.proposer.id}`,
  consents: new Map(consents.map((each) => [each.id, each])),
  sentences,
})

/** What a workspace adds over the years: exceptions by place, plan and person, and permits for some. */
function grownPolicy(): Policy {
  const conditions: JsonObject[] = [
    { 'traits.country': { $in: ['KP', 'IR'] } },
    { 'traits.blocked': true },
    { 'traits.seats': { $gt: 100 } },
    { 'traits.plan': 'free', 'traits.vip': true },
    { jurisdiction: { $in: ['US-UT', 'US-VA'] } },
  ]
  const { document } = shippedPolicy()
  const added = Array.from({ length: rules }, (_, n) => ({
    id: `grown-${n}`,
    sentence: `Rule number ${n} of a policy that has grown.`,
    effect: n % 4 === 3 ? ('permit' as const) : ('forbid' as const),
    roles: ['admin' as const, 'app' as const],
    agents: ['*'],
    action: 'activate' as const,
    subject: 'Activation' as const,
    purposes: [['marketing', 'marketing.promotion', 'personalization', 'analytics'][n % 4] ?? ''],
    channels: ['*'],
    when: conditions[n % conditions.length] ?? {},
    reason: `grown_${n}`,
  }))
  return parsePolicy({ ...document, rules: [...document.rules, ...added] })
}

function createQuestions(policy: Policy): Question[] {
  const abilities = createAbilities((where, thrown) => {
    throw fail('internal', { where }, thrown)
  })
  const sentences = new Map(policy.rules.map(({ id, sentence }) => [`rule:${id}`, sentence]))
  const who: Who = { kind: 'principal', role: 'admin' }
  return Array.from({ length: people }, (_, n) => {
    const purpose = ['marketing.promotion', 'personalization', 'analytics'][n % 3] ?? ''
    const fixed = given({
      request: { purpose, fields: ['plan'], channel: 'email' },
      subject: {
        jurisdiction: ['DE', 'FR', 'US-CA'][n % 3] ?? null,
        restricted: n % 20 === 0,
        objections: n % 15 === 0 ? [purpose] : [],
      },
      rest: {
        traits: [planDefinition],
        row: {
          traits: { plan: ['free', 'pro'][n % 2], seats: n % 9, vip: n % 40 === 0, country: 'DE' },
        },
        consents: [
          consent({ id: `consent-${n}`, purpose, decision: n % 5 === 0 ? 'withdrawn' : 'granted' }),
          consent({ id: `other-${n}`, purpose: 'service' }),
        ],
      },
    })
    // As for an activation that comes: who may is looked up for each anew.
    const input = () => ({
      ...fixed,
      policy: { number: 1, ability: abilities(policy, who, [purpose]) },
    })
    return { input, sentences }
  })
}

const planDefinition: TraitDefinition = {
  key: 'plan',
  dataClass: 'none',
  purposes: [],
  owner: null,
}
