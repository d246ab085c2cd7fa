/**
 * A recorded decision in sentences, for the officer who answers for it, the integrator who can change what was
 * asked, and the person it is about. Pure: what may not be told to the one who asks is left out of the facts.
 */
import type { Consent } from '../model/consent.ts'
import type { Check, Outcome } from '../model/decision.ts'
import type { Obligations } from '../flow/gate/input.ts'
import { dayOf, fill, instantOf, listed } from './sentence.ts'
import type { Audience, Params, Sentence, SentencePart, Words } from './sentence.ts'
import { english, wordsFor } from './words.ts'
import type { Catalogue } from './words.ts'

/** What a decision looked at, as far as the asker may know it. */
export interface DecisionFacts {
  readonly outcome: Outcome
  readonly reason: string
  readonly checks: readonly Check[]
  readonly obligations: Obligations
  readonly validUntil: Date | null
  readonly decidedAt: Date
  readonly purpose: string
  /** The purpose's own description, such as "To send offers."; null when it is not known. */
  readonly aim: string | null
  readonly channel: string
  readonly fields: readonly string[]
  /** `agent:plugin/agent` or `principal:id`. */
  readonly proposer: string
  /** Ledger entries among the evidence, by id. */
  readonly consents: ReadonlyMap<string, ConsentFact>
  /** Sentences of the rules and limits among the evidence, by `rule:id` and `limit:id`. */
  readonly sentences: ReadonlyMap<string, string>
}

export type ConsentFact = Omit<Consent, 'id' | 'proof' | 'decision' | 'jurisdiction'> & {
  readonly decision: string
}

export interface Explanation {
  readonly audience: Audience
  /** The sentences one after the other. */
  readonly text: string
  readonly sentences: readonly Sentence[]
}

/** Officers get every check; integrators what stands in the way; persons what decided and what they can do. */
export function tellDecision(
  facts: DecisionFacts,
  audience: Audience,
  catalogue: Catalogue = english,
): Explanation {
  const say = speaker(audience)
  const whole = paramsOf(facts)
  const told = checksFor(facts, audience)
  const sentences = [
    say('outcome', null, facts.outcome, catalogue.outcomes[facts.outcome], whole),
    ...told.flatMap((check) => {
      const { code, words } = wordsFor(check, catalogue)
      return [
        say('check', check.name, code, words, paramsWith(whole, facts, check)),
        ...evidenceOf(facts, check, audience, catalogue).map(({ code, words, params }) =>
          say('evidence', check.name, code, words, params),
        ),
      ]
    }),
    ...obligationsOf(facts).map((code) =>
      say('obligation', null, code, catalogue.obligations[code], obligationParams(facts)),
    ),
    ...(audience === 'integrator'
      ? []
      : rightsOf(facts).map((right) => say('right', null, right, catalogue.rights[right], {}))),
  ].filter(({ text }) => text !== '')
  const text = [...new Set(sentences.map((each) => each.text))].join(' ')
  return { audience, text, sentences }
}

const speaker =
  (audience: Audience) =>
  (part: SentencePart, check: string | null, code: string, words: Words, params: Params) => ({
    part,
    check,
    code,
    params: audience === 'subject' ? publicParams(params) : params,
    article: words.article ?? null,
    text: fill(words[audience], params),
  })

/** What a person is given to fill in: nothing that names programs, rules or entries. */
const publicParams = ({ aim, way, day, end }: Params): Params =>
  Object.fromEntries(
    Object.entries({ aim, way, day, end }).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    ),
  )

function checksFor({ checks, outcome }: DecisionFacts, audience: Audience): readonly Check[] {
  if (audience === 'officer') return checks
  const open = checks.filter(({ verdict }) => verdict !== 'pass')
  if (audience === 'integrator') {
    return [
      ...open,
      ...checks.filter(({ verdict, reason }) => verdict === 'pass' && reason === 'masked'),
    ]
  }
  // To a person: the first that decided, or what an allowed act rests on.
  if (outcome === 'allow') {
    return checks.filter(({ name }) => name === 'lawful_basis' || name === 'special_category')
  }
  const wanted = outcome === 'refuse' ? 'fail' : 'hold'
  return open.filter(({ verdict }) => verdict === wanted).slice(0, 1)
}

/** What all sentences of an explanation share, made once for the 16 checks: half the time went there. */
const paramsOf = (facts: DecisionFacts): Params => ({
  purpose: facts.purpose,
  channel: facts.channel,
  aim: aimOf(facts),
  way: wayOf(facts.channel),
  proposer: facts.proposer.replace(':', ' '),
  at: instantOf(facts.decidedAt),
  until: facts.validUntil === null ? 'its next check' : instantOf(facts.validUntil),
  fields: facts.fields.length === 0 ? 'none' : listed(facts.fields),
  ...paramsOfCheck(facts, { reason: facts.reason, evidence: [] }),
})

const paramsWith = (whole: Params, facts: DecisionFacts, check: Check): Params =>
  check.evidence.length === 0
    ? { ...whole, reason: check.reason }
    : { ...whole, ...paramsOfCheck(facts, check) }

function paramsOfCheck(
  { sentences }: DecisionFacts,
  { reason, evidence }: Pick<Check, 'reason' | 'evidence'>,
): Params {
  const found: Record<string, string[]> = {}
  for (const each of evidence) {
    const end = each.indexOf(':')
    if (end < 0) continue
    const kind = each.slice(0, end)
    if (Object.hasOwn(found, kind)) found[kind]?.push(each.slice(end + 1))
    else found[kind] = [each.slice(end + 1)]
  }
  const named = (kind: string): string[] => (Object.hasOwn(found, kind) ? (found[kind] ?? []) : [])
  const [rule = ''] = named('rule')
  return {
    reason,
    traits: listed(named('trait')),
    agents: listed(named('agent')),
    policy: named('policy').join(''),
    jurisdiction: named('jurisdiction').join(''),
    ...countOf(named('sent'), named('max')),
    limits: listed(named('limit')),
    notBefore: named('notBefore')
      .map((each) => instantOf(new Date(each)))
      .join(''),
    risk: named('risk').join(''),
    above: named('above').join(''),
    budget: named('budget').join(''),
    amount: named('amount').join(''),
    left: named('left').join(''),
    approval: named('approval')
      .map((id) => `approval ${id}`)
      .join(''),
    rule,
    sentence: evidence.flatMap((each) => sentences.get(each) ?? []).join(' '),
  }
}

/** Of several caps the one that is reached, else the first. */
function countOf(sent: readonly string[], max: readonly string[]): Params {
  const reached = sent.findIndex((count, index) => Number(count) >= Number(max[index]))
  const index = Math.max(reached, 0)
  return { sent: sent[index] ?? '', max: max[index] ?? '' }
}

type Duty = keyof Catalogue['obligations']

function obligationsOf({ obligations }: DecisionFacts): Duty[] {
  const { mask, hash, notBefore, maxAgeDays } = obligations
  return [
    ...(mask.length > 0 ? (['mask'] as const) : []),
    ...(hash.length > 0 ? (['hash'] as const) : []),
    ...(notBefore === null ? [] : (['not_before'] as const)),
    ...(maxAgeDays === null ? [] : (['max_age'] as const)),
  ]
}

const obligationParams = ({ obligations }: DecisionFacts): Params => ({
  fields: listed(obligations.mask),
  hashed: listed(obligations.hash),
  notBefore: obligations.notBefore === null ? '' : instantOf(obligations.notBefore),
  days: String(obligations.maxAgeDays ?? ''),
})

/** "To send offers." becomes "to send offers", to stand in the middle of a sentence. */
function aimOf({ aim }: DecisionFacts): string {
  const text = (aim ?? '').trim().replace(/\.$/, '')
  return text === '' ? 'for this' : text.charAt(0).toLowerCase() + text.slice(1)
}

const ways: Readonly<Record<string, string>> = {
  sms: 'text message',
  ads: 'advertising networks',
  webhook: 'another system',
  push: 'notification',
}

const wayOf = (channel: string): string =>
  Object.hasOwn(ways, channel) ? (ways[channel] ?? channel) : channel.replaceAll(/[_-]/g, ' ')

interface Item {
  code: string
  words: Words
  params: Params
}

/** Marks of evidence that the check's own sentence tells already. */
const told =
  /^(trait|agent|policy|rule|jurisdiction|sent|max|limit|notBefore|risk|above|approval|effect|regime|protection):/

function evidenceOf(
  { consents }: DecisionFacts,
  { name, evidence }: Check,
  audience: Audience,
  { evidence: words }: Catalogue,
): Item[] {
  if (name === 'manifest') return []
  const rest = evidence.filter((each) => !told.test(each))
  return rest.map((id): Item => {
    const consent = consents.get(id)
    if (consent !== undefined) return itemOf(id, consent, audience, words)
    const isEntry = name === 'lawful_basis' || name === 'special_category'
    return isEntry
      ? { code: 'consent_withheld', words: words.consent_withheld, params: { id } }
      : { code: 'other', words: words.other, params: { what: id } }
  })
}

function itemOf(
  id: string,
  { decision, purpose, channel, basis, collectedAt, expiresAt }: ConsentFact,
  audience: Audience,
  words: Catalogue['evidence'],
): Item {
  const end = expiresAt === null ? '' : `, until ${dayOf(expiresAt)}`
  const params = {
    id,
    purpose,
    channel: channel === '*' ? 'every channel' : channel,
    basis,
    day: dayOf(collectedAt),
    end: end === '' && audience === 'officer' ? ', without an end' : end,
  }
  const code = `consent_${decision}`
  const known: Readonly<Record<string, Words>> = words
  const found = Object.hasOwn(known, code) ? known[code] : undefined
  return found === undefined
    ? { code: 'consent_withheld', words: words.consent_withheld, params: { id } }
    : { code, words: found, params }
}

type Right = keyof Catalogue['rights']

/** What the person can do about it; access and complaint always. */
function rightsOf({ outcome, checks }: DecisionFacts): Right[] {
  const passed = (name: string): Check | undefined =>
    checks.find((check) => check.name === name && check.verdict === 'pass')
  const failed = checks.filter(({ verdict }) => verdict !== 'pass')
  const rights: Right[] = []
  if (failed.some(({ reason }) => reason === 'human_review_needed')) rights.push('human_review')
  if (outcome === 'allow') {
    rights.push(passed('lawful_basis')?.reason === 'consent' ? 'withdraw' : 'object')
  } else if (failed.some(({ name }) => correctable.has(name))) rights.push('rectify')
  return [...rights, 'access', 'complain']
}

/** Checks that go by what is recorded about the person, which may be wrong. */
const correctable: ReadonlySet<string> = new Set([
  'restriction',
  'special_category',
  'objection',
  'lawful_basis',
  'policy',
])
