import type { Condition } from '../core/model/condition.ts'
import type { PolicyRule } from '../core/model/policy.ts'
import { hasPlaceholder, nobodyYet } from './placeholder.ts'
import type { Asker } from './placeholder.ts'
import { collectProblems } from './problem.ts'
import type { Report } from './problem.ts'
import { actionsOf, actionsOfAgents, isAboutProfile } from './vocabulary.ts'
import { readWhen } from './when.ts'

/** A rule whose every part has been checked and whose condition has been read. */
export interface CheckedRule extends PolicyRule {
  /** Of a personal rule, with a mark that no value equals where the asker belongs: for comparing only. */
  readonly condition?: Condition
  /** The condition depends on who asks, and is read anew for each. */
  readonly personal?: true
}

/** A rule that means something by itself, whatever the workspace knows; undefined when something was reported. */
export function checkRule(
  rule: PolicyRule,
  path: string,
  reportTo: Report,
): CheckedRule | undefined {
  let isSound = true
  const report = Object.assign(
    (...what: Parameters<Report>): undefined => {
      isSound = false
      return reportTo(...what)
    },
    { isFull: reportTo.isFull },
  )
  checkWho(rule, path, report)
  checkAction(rule, path, report)
  checkTime(rule, path, report)
  if (!isAboutProfile(rule.action, rule.subject)) {
    checkPlain(rule, path, report)
    return isSound ? rule : undefined
  }
  checkScope(rule, path, report)
  const { when, effect } = rule
  if (when === undefined) return isSound ? rule : undefined
  const condition = readWhen(when, { effect, path: `${path}.when`, asker: nobodyYet, report })
  const personal = hasPlaceholder(when)
  if (personal && rule.agents !== undefined) {
    const remedy = 'Write a rule of its own for agents, without a placeholder.'
    report(`${path}.agents`, rule.agents, 'no principal asks when an agent does', remedy)
  }
  if (!isSound || condition === undefined) return undefined
  return { ...rule, condition, ...(personal ? { personal } : {}) }
}

/**
 * The rule as it is for one asker. When it asks for what is not known of them, a permit is gone and a forbid
 * holds without condition.
 */
export function ruleFor(rule: CheckedRule, asker: Asker): CheckedRule | undefined {
  if (!rule.personal || rule.when === undefined) return rule
  const { problems, report } = collectProblems()
  const condition = readWhen(rule.when, { effect: rule.effect, path: rule.id, asker, report })
  if (condition !== undefined && problems.length === 0) return { ...rule, condition }
  const { condition: _, ...unconditional } = rule
  return rule.effect === 'permit' ? undefined : unconditional
}

function checkWho({ roles, agents }: PolicyRule, path: string, report: Report): void {
  if (roles !== undefined || agents !== undefined) return
  report(path, 'nobody', 'the rule is about nobody', 'Name `roles`, `agents` or both.')
}

function checkAction(rule: PolicyRule, path: string, report: Report): void {
  const { action, subject, agents } = rule
  const known: readonly string[] = actionsOf[subject]
  if (!known.includes(action)) {
    const remedy = `Use one of ${known.join(', ')}.`
    report(`${path}.action`, action, `not done to ${subject}`, remedy)
    return
  }
  if (agents === undefined) return
  const possible: Readonly<Record<string, readonly string[]>> = actionsOfAgents
  if (possible[subject]?.includes(action)) return
  const remedy =
    'Remove `agents`: all they do is read and write profiles, read events and propose activations.'
  report(`${path}.agents`, agents, `no agent can ever ${action} ${subject}`, remedy)
}

function checkTime({ from, until }: PolicyRule, path: string, report: Report): void {
  if (from === undefined || until === undefined || Date.parse(from) < Date.parse(until)) return
  const remedy = `Write an instant after ${from}, or remove \`until\`.`
  report(`${path}.until`, until, 'it is not after `from`, so the rule never counts', remedy)
}

/** A rule that looks at no profile has no condition, so "may this role do it" has one plain answer. */
function checkPlain(rule: PolicyRule, path: string, report: Report): void {
  for (const part of ['purposes', 'fields', 'channels', 'when'] as const) {
    if (rule[part] === undefined) continue
    const reason = `${rule.action} on ${rule.subject} looks at no profile`
    report(`${path}.${part}`, rule[part], reason, `Remove \`${part}\`.`)
  }
}

function checkScope(rule: PolicyRule, path: string, report: Report): void {
  if (rule.purposes === undefined) {
    const remedy = 'Name purposes, or ["*"].'
    report(`${path}.purposes`, undefined, 'the rule has no purpose', remedy)
  }
  const [part, other] =
    rule.action === 'activate'
      ? (['channels', 'fields'] as const)
      : (['fields', 'channels'] as const)
  if (rule[other] !== undefined) {
    report(`${path}.${other}`, rule[other], `not for ${rule.action}`, `Use \`${part}\`.`)
  }
  if (rule.effect === 'permit' && rule[part] === undefined) {
    report(`${path}.${part}`, undefined, 'a permit names what it gives', `Add \`${part}\`.`)
  }
}
