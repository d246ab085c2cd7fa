import { createHash } from 'node:crypto'
import type { z } from 'zod'
import { fail } from '../core/errors.ts'
import type { Condition } from '../core/model/condition.ts'
import { policyDocumentSchema } from '../core/model/policy.ts'
import type { PolicyDocument, PolicyRule } from '../core/model/policy.ts'
import type { TraitDefinition } from '../core/model/trait.ts'
import { isVaulted } from '../core/model/trait.ts'
import { actionsOf, isAboutProfile } from './vocabulary.ts'
import { parseWhen, refuse } from './when.ts'

/** A rule whose every part has been checked and whose condition has been read. */
export interface CheckedRule extends PolicyRule {
  readonly condition?: Condition
}

export interface Policy {
  readonly document: PolicyDocument
  /** SHA-256 of the canonical document, in hex: the identity of a policy version's content. */
  readonly hash: string
  readonly rules: readonly CheckedRule[]
}

/**
 * Checks a document in full; there is no other way to a `Policy`, so nothing unchecked is ever evaluated.
 * With trait definitions given, a condition on a trait that is only in the vault is refused too: it would
 * never be found there.
 *
 * @throws policy_invalid with the path, the value that stands there and the remedy
 */
export function parsePolicy(input: unknown, traits: readonly TraitDefinition[] = []): Policy {
  const parsed = policyDocumentSchema.safeParse(input)
  if (!parsed.success) throw shapeError(input, parsed.error)
  const document = parsed.data
  checkIds(document)
  const vaulted = new Set(traits.filter((each) => isVaulted(each.dataClass)).map(({ key }) => key))
  const rules = document.rules.map((rule, at) => checkRule(rule, `rules.${at}`, vaulted))
  return { document, hash: hashOf(document), rules }
}

function checkIds({ rules }: PolicyDocument): void {
  const seen = new Set<string>()
  for (const [at, { id }] of rules.entries()) {
    if (seen.has(id))
      throw refuse(`rules.${at}.id`, id, 'another rule has this id', 'Rename one of them.')
    seen.add(id)
  }
}

function checkRule(rule: PolicyRule, path: string, vaulted: ReadonlySet<string>): CheckedRule {
  checkWho(rule, path)
  checkAction(rule, path)
  if (!isAboutProfile(rule.action, rule.subject)) {
    checkPlain(rule, path)
    return rule
  }
  checkScope(rule, path)
  if (rule.when === undefined) return rule
  checkVaulted(Object.keys(rule.when), `${path}.when`, vaulted)
  return { ...rule, condition: parseWhen(rule.when, rule.effect, `${path}.when`) }
}

function checkWho({ roles, agents }: PolicyRule, path: string): void {
  if (roles !== undefined || agents !== undefined) return
  throw refuse(path, 'nobody', 'the rule is about nobody', 'Name `roles`, `agents` or both.')
}

function checkAction({ action, subject }: PolicyRule, path: string): void {
  const known: readonly string[] = actionsOf[subject]
  if (known.includes(action)) return
  throw refuse(
    `${path}.action`,
    action,
    `not done to ${subject}`,
    `Use one of ${known.join(', ')}.`,
  )
}

/** A rule that looks at no profile has no condition, so "may this role do it" has one plain answer. */
function checkPlain(rule: PolicyRule, path: string): void {
  for (const part of ['purposes', 'fields', 'channels', 'when'] as const) {
    if (rule[part] === undefined) continue
    const reason = `${rule.action} on ${rule.subject} looks at no profile`
    throw refuse(`${path}.${part}`, rule[part], reason, `Remove \`${part}\`.`)
  }
}

function checkScope(rule: PolicyRule, path: string): void {
  if (rule.purposes === undefined) {
    throw refuse(
      `${path}.purposes`,
      undefined,
      'the rule has no purpose',
      'Name purposes, or ["*"].',
    )
  }
  const [part, other] =
    rule.action === 'activate'
      ? (['channels', 'fields'] as const)
      : (['fields', 'channels'] as const)
  if (rule[other] !== undefined) {
    throw refuse(`${path}.${other}`, rule[other], `not for ${rule.action}`, `Use \`${part}\`.`)
  }
  if (rule.effect === 'permit' && rule[part] === undefined) {
    throw refuse(`${path}.${part}`, undefined, 'a permit names what it gives', `Add \`${part}\`.`)
  }
}

function checkVaulted(fields: readonly string[], path: string, vaulted: ReadonlySet<string>): void {
  for (const field of fields) {
    const [root, key = ''] = field.split('.')
    if (root !== 'traits' || !vaulted.has(key)) continue
    const remedy = 'Let an agent derive a trait of class none from it, and ask for that.'
    throw refuse(`${path}.${field}`, field, 'its values are sealed in the vault', remedy)
  }
}

function shapeError(input: unknown, error: z.ZodError) {
  const [issue] = error.issues
  if (issue === undefined)
    return fail('policy_invalid', { path: '$', value: '', reason: '', remedy: '' })
  const path = issue.path.map(String).join('.') || 'document'
  if (issue.code === 'unrecognized_keys') {
    const [key = ''] = issue.keys
    return refuse(
      `${path}.${key}`,
      key,
      'no such key',
      `Correct its spelling or remove it${hintFor(key)}.`,
    )
  }
  const value = issue.path.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined),
    input,
  )
  return refuse(
    path,
    value,
    issue.message,
    'Correct the value; policies/default holds documents to copy from.',
  )
}

const misspelt: Readonly<Record<string, string>> = {
  condition: 'when',
  conditions: 'when',
  inverted: 'effect',
  role: 'roles',
  agent: 'agents',
  purpose: 'purposes',
  field: 'fields',
  channel: 'channels',
  actions: 'action',
  subjects: 'subject',
}

const hintFor = (key: string): string =>
  Object.hasOwn(misspelt, key) ? `; did you mean \`${misspelt[key]}\`` : ''

const hashOf = (document: PolicyDocument): string =>
  createHash('sha256').update(canonical(document)).digest('hex')

/** Keys sorted, so that two documents that say the same in another order of keys are the same version. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(
          Object.entries(part).toSorted(([left], [right]) => (left < right ? -1 : 1)),
        )
      : part,
  )
}
