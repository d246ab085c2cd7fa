import { addShadowCounts } from '../../../blackboard/query/addShadowCounts.ts'
import type { Handle } from '../../../blackboard/statement.ts'
import type { NumberedPolicy } from '../../activePolicies.ts'
import type { CheckName, Verdict } from '../../model/decision.ts'
import type { ShadowDirection } from '../../model/policyLife.ts'
import { trouble } from '../../trouble.ts'
import { abilityOf, limitsOf, type Assembly, type GateDeps } from './assemble.ts'
import { checkFrequency, checkRisk } from './check/limit.ts'
import { checkPolicy } from './check/policy.ts'
import { countFor, type ContactBook } from './contacts.ts'
import type { Judged } from './gate.ts'

/** What the version in shadow said to activations, beside what the one in force said. */
export interface ShadowAnswers {
  number: number
  answers: { purpose: string; channel: string; direction: ShadowDirection }[]
}

/** Asks the version in shadow for its own checks; nothing, at no cost, when there is none. */
export async function askShadow(
  handle: Handle,
  deps: GateDeps,
  assembly: Assembly,
  judged: readonly Judged[],
): Promise<ShadowAnswers | undefined> {
  const shadow = assembly.rules.active?.shadow
  if (shadow === undefined) return undefined
  const rows = judged.map(({ row }) => row)
  const standing = { subjects: assembly.subjects, now: deps.board.clock.now() }
  const contacts = await countFor(handle, shadow.policy, rows, standing)
  const answers = judged.flatMap((each) => {
    // A purpose or channel that does not exist is anybody's text: there is no end of them to count.
    if (!isSound(each)) return []
    try {
      const { purpose, channel } = each.row
      return [
        { purpose, channel, direction: directionOf(deps, assembly, { ...shadow, contacts }, each) },
      ]
    } catch (thrown) {
      deps.policies.failed('shadow', thrown)
      return []
    }
  })
  return { number: shadow.number, answers }
}

const isSound = ({ verdict }: Judged): boolean =>
  verdict.checks.some(({ name, verdict }) => name === 'request' && verdict === 'pass')

function directionOf(
  deps: GateDeps,
  assembly: Assembly,
  shadow: NumberedPolicy & { contacts: ContactBook },
  { row, subject, verdict }: Judged,
): ShadowDirection {
  const before = endOf(verdict.checks.filter(({ name }) => asked.has(name)))
  const input = {
    ...assembly.inputOf(row, subject),
    policy: { number: shadow.number, ability: abilityOf(deps, shadow, row) },
    limits: limitsOf(shadow, row),
    contacts: shadow.contacts.of(row),
  }
  const after = endOf([checkPolicy(input), checkFrequency(input), checkRisk(input)])
  return before === after ? 'agrees' : after
}

/** The checks that ask the policy: all others answer the same whichever version is asked. */
const asked: ReadonlySet<CheckName> = new Set(['policy', 'frequency', 'risk'])

/** What these checks alone come to, as the gate concludes. */
function endOf(findings: readonly { verdict: Verdict }[]): Exclude<ShadowDirection, 'agrees'> {
  if (findings.some(({ verdict }) => verdict === 'fail')) return 'would_refuse'
  return findings.some(({ verdict }) => verdict === 'hold') ? 'would_hold' : 'would_allow'
}

/** After the decisions are committed. That counting fails stops nothing. */
export async function countShadow(
  { board }: GateDeps,
  workspaceId: number,
  shadowed: ShadowAnswers | undefined,
): Promise<void> {
  if (shadowed === undefined || shadowed.answers.length === 0) return
  const { number, answers } = shadowed
  for (const { direction } of answers) board.signals.count({ what: 'shadow', direction })
  try {
    const counts = JSON.stringify(answers)
    await addShadowCounts(board.db.sql, { workspaceId, number, counts })
  } catch (thrown) {
    board.log.warn({ policy: number, ...trouble(thrown) }, 'what a policy in shadow said is lost')
  }
}
