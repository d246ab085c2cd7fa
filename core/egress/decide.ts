/**
 * Whether a plugin's request may leave for a person: as the gate decides an activation of the same purpose on the
 * channel webhook, with the same 16 checks, under the same lock. What the agent was shown counts as sent, since
 * nobody can see whether it is in the request. That it begins is on record before anything leaves.
 */
import type { TransactionSql } from 'postgres'
import { appendAudit } from '../../blackboard/query/appendAudit.ts'
import { findActivePolicyNumber } from '../../blackboard/query/findActivePolicyNumber.ts'
import { holdPolicy } from '../../blackboard/query/holdPolicy.ts'
import { lockStanding } from '../../blackboard/query/lockStanding.ts'
import { transact } from '../../blackboard/transact.ts'
import type { GateRow } from '../../blackboard/query/claimProposed.ts'
import { fail } from '../errors.ts'
import { assemble, rulesOf, type Assembly, type GateDeps } from '../flow/gate/assemble.ts'
import { decide } from '../flow/gate/decide.ts'
import type { GateVerdict } from '../flow/gate/input.ts'
import type { Denial } from '../host/denied.ts'
import { deny } from './deny.ts'
import { refusalOf } from './refusal.ts'

/** One request of an agent for a profile. */
export interface Question {
  workspaceId: number
  agent: string
  profileId: string
  purpose: string
  host: string
  method: string
  /** Traits whose values it may carry: what the agent was shown, and the handles in it. */
  fields: readonly string[]
  /** Those of them that leave as a hash only. */
  hashed: readonly string[]
}

/** The channel that consent, policy and limits are asked about. */
export const egressChannel = 'webhook'

/** Times the rules are read anew because they changed meanwhile. */
const rulesTriesMax = 3

/** Decides requests that were made at the same time in one transaction each workspace. */
export function createDecider(deps: GateDeps): (question: Question) => Promise<Denial | null> {
  let waiting: Waiting[] = []
  const flush = () => {
    const all = waiting
    waiting = []
    for (const [workspaceId, group] of Map.groupBy(all, (each) => each.question.workspaceId)) {
      void answer(deps, workspaceId, group)
    }
  }
  return (question) => {
    const { promise, resolve, reject } = Promise.withResolvers<Denial | null>()
    if (waiting.length === 0) setImmediate(flush)
    waiting.push({ question, resolve, reject })
    return promise
  }
}

interface Waiting {
  question: Question
  resolve(denial: Denial | null): void
  reject(thrown: unknown): void
}

async function answer(deps: GateDeps, workspaceId: number, group: Waiting[]): Promise<void> {
  try {
    const questions = group.map(({ question }) => question)
    const denials = await decideByCurrentRules(deps, workspaceId, questions)
    deps.board.signals.send('audit')
    for (const [at, { resolve }] of group.entries()) resolve(denials[at] ?? null)
  } catch (thrown) {
    for (const { reject } of group) reject(thrown)
  }
}

async function decideByCurrentRules(
  deps: GateDeps,
  workspaceId: number,
  questions: readonly Question[],
): Promise<(Denial | null)[]> {
  const { board } = deps
  for (let attempt = 1; attempt <= rulesTriesMax; attempt += 1) {
    const rules = await rulesOf(deps, workspaceId)
    const ids = [...new Set(questions.map(({ profileId }) => profileId))]
    const denials = await transact(board.db, async (tx) => {
      const at = board.clock.now().toISOString()
      const [, , [policy]] = await Promise.all([
        holdPolicy(tx, { workspaceId }),
        lockStanding(tx, { workspaceId, ids }),
        findActivePolicyNumber(tx, { workspaceId, at }),
      ])
      if ((policy?.number ?? null) !== (rules.active?.number ?? null)) return undefined
      const rows = questions.map((question) => rowOf(board.clock.id(), question))
      const assembly = await assemble(tx, deps, rules, rows)
      const answers = questions.map((question, index) => ({
        question,
        denial: denialOf(deps, assembly, question, rows[index]),
      }))
      await record(tx, deps, assembly, answers)
      return answers.map(({ denial }) => denial)
    })
    if (denials) return denials
    board.signals.send('policy')
  }
  throw fail('write_conflict', { what: 'the policy changed meanwhile' })
}

const rowOf = (id: string, question: Question): GateRow => ({
  workspaceId: question.workspaceId,
  profileId: question.profileId,
  id,
  proposerKind: 'agent',
  proposerId: question.agent,
  role: null,
  name: null,
  purpose: question.purpose,
  channel: egressChannel,
  destination: `https://${question.host}`,
  content: {},
  fields: [...question.fields],
  requires: [...question.fields],
  risk: null,
  cost: null,
  approval: null,
  attempts: 0,
})

function denialOf(
  { policies }: GateDeps,
  assembly: Assembly,
  question: Question,
  row: GateRow | undefined,
): Denial | null {
  const subject = assembly.subjects.get(question.profileId)
  if (!subject || !row)
    return refusalOf(question, { outcome: 'refuse', reason: 'subject_unknown', checks: [] })
  const { purpose, fields } = question
  const input = {
    ...assembly.inputOf(row, subject),
    // Its entry in `network` is what declares it; that was looked at before.
    grant: { proposes: [{ purpose, channels: [egressChannel], fields }] },
  }
  const verdict = decide(input, (check, thrown) => policies.failed(`egress.${check}`, thrown))
  return verdict.outcome === 'allow' ? unmet(question, verdict) : refusalOf(question, verdict)
}

/** What the gate allows only in a way that this request is not. */
function unmet({ fields, hashed }: Question, { obligations }: GateVerdict): Denial | null {
  if (obligations.notBefore !== null) {
    return {
      code: 'not_now',
      message: 'It may leave later, and not now.',
      remedy: `Snooze until ${obligations.notBefore.toISOString()}.`,
    }
  }
  const open = fields.find(
    (key) => obligations.hash.includes(`trait:${key}`) && !hashed.includes(key),
  )
  return open === undefined ? null : deny('hash_only', { key: open }).denial
}

async function record(
  tx: TransactionSql,
  { board: { clock } }: GateDeps,
  { rules }: Assembly,
  answers: readonly { question: Question; denial: Denial | null }[],
): Promise<void> {
  const entries = answers.map(({ question, denial }) => ({
    at: clock.now(),
    id: clock.id(),
    actor: `agent:${question.agent}`,
    action: denial ? 'egress.deny' : 'egress.begin',
    object: `profile:${question.profileId}`,
    payload: {
      host: question.host,
      method: question.method,
      purpose: question.purpose,
      fields: question.fields,
      hashed: question.hashed,
      policy: rules.active?.number ?? null,
      ...(denial ? { reason: denial.code, rule: denial.rule ?? null } : {}),
    },
  }))
  const { workspaceId } = rules
  await appendAudit(tx, { workspaceId, entries: JSON.stringify(entries) })
}
