import { preparsePolicySet, statefulIsAuthorized } from '@cedar-policy/cedar-wasm/nodejs'
import { newEnforcer, newModelFromString } from 'casbin'
import { fail } from '../../../core/errors.ts'
import { matcher } from '../../../core/model/match.ts'
import { covers } from '../../../core/model/purpose.ts'
import { createAbilities } from '../../../policies/ability.ts'
import type { Policy } from '../../../policies/document.ts'
import { explain } from '../../../policies/explain.ts'
import {
  fieldMatches,
  fieldName,
  identifierField,
  type Field,
  type ProfileRow,
} from '../../../policies/vocabulary.ts'
import { askCedar, cedarAttributes, toCedar } from '../../support/cedar.ts'
import { quantile, type Report } from '../figure.ts'
import { grownPolicy, purposes } from './rules.ts'

interface Question {
  /** Purposes of the caller, an app. */
  held: string[]
  purpose: string
  field: Field
  row: ProfileRow
  attributes: ReturnType<typeof cedarAttributes>
}

interface Answer {
  allowed: boolean
  /** The sentence of the rule that decided, where there is one. */
  because: string
}

type Engine = (question: Question) => Answer

const rules = 200
const rounds = 7

/**
 * One decision: the caller's rights and the subject are put together, the answer is found and the sentence of
 * the rule that gave it. Every engine has its policies loaded beforehand, gets the same questions in turns,
 * and must give the same answers.
 */
export async function benchDecide(report: Report): Promise<void> {
  const policy = grownPolicy(rules)
  const questions = createQuestions()
  const engines = {
    slateboard: openOurs(policy),
    casbin: await openCasbin(policy),
    'cedar-wasm': openCedar(policy),
  }
  const share = agree(engines, questions)
  const times = { slateboard: 200_000, casbin: 1000, 'cedar-wasm': 1000 }
  const took: Record<keyof typeof engines, number[]> = {
    slateboard: [],
    casbin: [],
    'cedar-wasm': [],
  }
  for (let round = 0; round <= rounds; round++) {
    for (const name of ['slateboard', 'casbin', 'cedar-wasm'] as const) {
      const micros = measure(engines[name], questions, times[name])
      // The first round is for the compiler.
      if (round > 0) took[name].push(micros)
    }
  }
  const ours = quantile(took.slateboard, 0.5)
  const base = { bench: 'policy', figure: 'decision', unit: '1/s', engine: `${rules} rules` }
  for (const baseline of ['casbin', 'cedar-wasm'] as const) {
    const theirs = quantile(took[baseline], 0.5)
    report({
      ...base,
      value: 1e6 / ours,
      baseline,
      ratio: theirs / ours,
      [`${baseline}PerSecond`]: Math.round(1e6 / theirs),
      allowed: `${Math.round(share * 100)}%`,
    })
  }
}

function createQuestions(): Question[] {
  const fields: Field[] = [
    ...['plan', 'seats', 'country', 'ltv', 'note_1'].map((key) => ({
      kind: 'trait' as const,
      key,
      dataClass: 'none' as const,
    })),
    { kind: 'trait', key: 'name', dataClass: 'contact' },
    identifierField('user_id'),
  ]
  return Array.from({ length: 1000 }, (_, n) => {
    const purpose = purposes[n % purposes.length] ?? ''
    const row: ProfileRow = {
      traits: {
        plan: ['free', 'pro', 'team'][n % 3],
        seats: n % 7,
        country: ['DE', 'FR', 'US'][n % 3],
        ltv: (n * 37) % 2000,
        vip: n % 4 === 0,
      },
      restricted: n % 10 === 0,
      jurisdiction: ['DE', 'FR', 'US-CA'][n % 3] ?? null,
    }
    return {
      held: [purpose, 'service'],
      purpose,
      field: fields[Math.floor(n / 3) % fields.length] ?? identifierField('user_id'),
      row,
      attributes: cedarAttributes(row),
    }
  })
}

/** All engines must give the same answers. @returns the share of questions that are allowed */
function agree(engines: Record<string, Engine>, questions: readonly Question[]): number {
  let allowed = 0
  for (const question of questions) {
    const answers = Object.values(engines).map((ask) => ask(question).allowed)
    if (new Set(answers).size > 1) {
      throw fail('internal', {}, new TypeError(`engines differ on ${JSON.stringify(question)}`))
    }
    allowed += Number(answers[0])
  }
  return allowed / questions.length
}

/** Microseconds a decision. */
function measure(ask: Engine, questions: readonly Question[], times: number): number {
  let allowed = 0
  const started = performance.now()
  for (let n = 0; n < times; n++) {
    const question = questions[n % questions.length]
    if (question && ask(question).allowed) allowed += 1
  }
  const took = ((performance.now() - started) * 1000) / times
  return allowed === 0 ? Number.NaN : took
}

const asked = { kind: 'principal', role: 'app' } as const

function openOurs(policy: Policy): Engine {
  const abilities = createAbilities((where, thrown) => {
    throw fail('internal', {}, new AggregateError([thrown], where))
  })
  return ({ held, purpose, field, row }) => {
    const ability = abilities(policy, asked, held)
    const { allowed, rule, reason } = ability.field('read', purpose, field, { ...row })
    return { allowed, because: explain(policy, rule, reason) }
  }
}

/**
 * The matcher asks what is cheapest first and the condition last. Conditions are functions compiled beforehand:
 * casbin's own `eval()` would parse each again for each decision. Forbids come first, since it stops at one.
 */
async function openCasbin(policy: Policy): Promise<Engine> {
  const enforcer = await newEnforcer(
    newModelFromString(`
[request_definition]
r = role, act, purpose, field, row
[policy_definition]
p = act, id, eft
[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))
[matchers]
m = r.act == p.act && concerns(p.id, r.role) && serves(p.id, r.purpose) && names(p.id, r.field) && holds(p.id, r.row)`),
  )
  const byId = new Map(
    policy.rules.map((rule) => [
      rule.id,
      { ...rule, test: rule.condition === undefined ? () => true : matcher(rule.condition) },
    ]),
  )
  const ask = (id: string) => byId.get(id)
  await enforcer.addFunction('concerns', (id: string, role: 'app') =>
    Boolean(ask(id)?.roles?.includes(role)),
  )
  await enforcer.addFunction('serves', (id: string, purpose: string) =>
    Boolean(ask(id)?.purposes?.some((granted) => granted === '*' || covers(granted, purpose))),
  )
  await enforcer.addFunction('names', (id: string, field: string) =>
    fieldMatches(ask(id)?.fields ?? ['class:none'], field),
  )
  await enforcer.addFunction('holds', (id: string, row: ProfileRow) => Boolean(ask(id)?.test(row)))
  const lines = policy.rules
    .toSorted((one, other) => one.effect.localeCompare(other.effect))
    .map(({ action, id, effect }) => [action, id, effect === 'permit' ? 'allow' : 'deny'])
  await enforcer.addPolicies(lines)
  return ({ purpose, field, row }) => {
    const [allowed, because] = enforcer.enforceExSync(
      asked.role,
      'read',
      purpose,
      fieldName(field),
      { ...row },
    )
    return { allowed, because: ask(because[1] ?? '')?.sentence ?? '' }
  }
}

function openCedar(policy: Policy): Engine {
  preparsePolicySet('bench', { staticPolicies: toCedar(policy) })
  const sentences = new Map(policy.rules.map(({ id, sentence }) => [id, sentence]))
  return ({ purpose, field, attributes }) => {
    const answer = statefulIsAuthorized({
      ...askCedar({ who: asked, action: 'read', purpose, field, attributes }),
      preparsedPolicySetId: 'bench',
    })
    if (answer.type === 'failure') throw fail('internal', {}, new AggregateError([], 'cedar'))
    const { decision, diagnostics } = answer.response
    return {
      allowed: decision === 'allow',
      because: sentences.get(diagnostics.reason[0] ?? '') ?? '',
    }
  }
}
