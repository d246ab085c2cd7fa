import type { Ability } from '../../policies/ability.ts'
import type { PurposeDefinition } from '../../policies/guard.ts'
import { planProfile } from '../../policies/plan.ts'
import { actionsOf, isAboutProfile } from '../../policies/vocabulary.ts'
import { decide } from '../flow/gate/decide.ts'
import type { GateInput, MemberConsent } from '../flow/gate/input.ts'
import type { Check, Outcome } from '../model/decision.ts'
import type { PolicyLimit } from '../model/policyLimit.ts'
import { policySubjects } from '../model/policy.ts'
import type { ActivationTable, PolicyTest, ProfileTable, RightsTable } from '../model/policyTest.ts'
import type { TraitDefinition } from '../model/trait.ts'
import { dataClasses } from '../model/trait.ts'
import { isMeant } from './testAxes.ts'
import type { Axes, Caller } from './testAxes.ts'

interface Answer {
  answer: Outcome
  reason?: string | undefined
}

/** One combination of a table: what it should be and what it is. */
export interface Cell {
  name: string
  wanted: Answer
  got: Answer
  /** The rule that decided. */
  rule: string | null
}

/** What a table is asked with. */
export interface Asked {
  axes: Axes
  callers: readonly Caller[]
  abilityFor(caller: Caller, purpose: string): Ability
  limitsFor(purpose: string, channel: string): readonly PolicyLimit[]
  now: Date
  purposes: readonly PurposeDefinition[]
}

/** Through the gate itself, with all its checks. */
export function* activationCells(test: ActivationTable, asked: Asked): Generator<Cell> {
  for (const caller of asked.callers) {
    for (const purpose of asked.axes.purposes) {
      for (const channel of asked.axes.channels) {
        const { outcome, reason, checks } = decide(
          inputOf(test, asked, caller, { purpose, channel }),
        )
        yield {
          name: `${caller.name} ${purpose} ${channel}`,
          wanted: wantedOf(test, caller, purpose, channel),
          got: { answer: outcome, reason },
          rule: ruleOf(checks),
        }
      }
    }
  }
}

/** Null where another check than that of the policy decided. */
function ruleOf(checks: readonly Check[]): string | null {
  const failed = checks.find(({ verdict }) => verdict === 'fail')
  if (failed !== undefined && failed.name !== 'policy') return null
  const evidence = checks.find(({ name }) => name === 'policy')?.evidence ?? []
  return evidence.find((each) => each.startsWith('rule:'))?.slice('rule:'.length) ?? null
}

function wantedOf(test: ActivationTable, caller: Caller, purpose: string, channel: string): Answer {
  const here = (cell: ActivationTable['allow'][number]): boolean =>
    cell.purposes.includes(purpose) &&
    cell.channels.includes(channel) &&
    isMeant(cell.who, caller, test)
  if (test.allow.some(here)) return { answer: 'allow' }
  const held = test.hold?.find(here)
  if (held) return { answer: 'hold', reason: held.reason }
  return { answer: 'refuse', reason: test.refuse?.find(here)?.reason }
}

/** A proposal that lacks nothing but what the table takes away. */
function inputOf(
  test: ActivationTable,
  { abilityFor, limitsFor, now, purposes }: Asked,
  caller: Caller,
  { purpose, channel }: { purpose: string; channel: string },
): GateInput {
  const { subject = {}, consents = [], row = {} } = test
  const { who } = caller
  const limits = limitsFor(purpose, channel)
  return {
    now,
    request: {
      purpose,
      channel,
      destination: 'https://example.test',
      fields: [],
      requires: [],
      risk: test.risk ?? 0,
      cost: null,
      contentKeys: [],
      proposer:
        who.kind === 'agent' ? { kind: 'agent', id: who.id } : { kind: 'principal', id: 'test' },
    },
    killSwitches: {
      workspacePaused: false,
      pluginPaused: false,
      channelPaused: false,
      proposerRevoked: false,
    },
    channels: { [channel]: { needsDestination: false } },
    purposes,
    grant: { proposes: [{ purpose, channels: ['*'], fields: [] }] },
    subject: {
      profileIds: subject.profileIds ?? ['profile-1'],
      mergedAt: timeOf(subject.mergedAt),
      erasedAt: timeOf(subject.erasedAt),
      restricted: subject.restricted ?? false,
      legalHold: subject.legalHold ?? false,
      objections: subject.objections ?? [],
      gpc: subject.gpc ?? false,
      minorBand: subject.minorBand ?? null,
      jurisdiction: subject.jurisdiction === undefined ? 'DE' : subject.jurisdiction,
      holds: subject.holds ?? [],
    },
    consents: consents.map(consentOf),
    traits: [],
    row: { traits: row },
    policy: { number: 0, ability: abilityFor(caller, purpose) },
    limits,
    contacts: Object.fromEntries(limits.map(({ id }) => [id, { sent: test.sent ?? 0 }])),
    left: null,
    writtenAt: {},
    approval: null,
  }
}

const timeOf = (text: string | undefined): Date | null =>
  text === undefined ? null : new Date(text)

const consentOf = (
  said: NonNullable<ActivationTable['consents']>[number],
  at: number,
): MemberConsent => ({
  id: `consent-${at}`,
  profileId: said.profileId ?? 'profile-1',
  purpose: said.purpose,
  channel: said.channel,
  decision: said.decision,
  basis: said.basis ?? 'consent',
  collectedAt: new Date(said.collectedAt),
  expiresAt: timeOf(said.expiresAt),
  isOutdated: said.outdated ?? false,
  method: said.method ?? null,
})

const actionOf = { reading: 'read', writing: 'write', sending: 'send' } as const

/** Through the plan that filters, masks and limits alike. */
export function* profileCells(test: ProfileTable, asked: Asked): Generator<Cell> {
  const { restricted = false, jurisdiction = 'DE', traits = {}, row = {} } = test
  const loaded = { traits: row, restricted, jurisdiction }
  const targets = [
    ...dataClasses.map((dataClass) => ({ name: dataClass, key: `trait:${dataClass}`, dataClass })),
    ...asked.axes.fields.map((key) => ({
      name: key,
      key,
      dataClass: traits[key.slice('trait:'.length)] ?? 'pseudonymous',
    })),
  ]
  const definitions = new Map(
    targets.map(({ key, dataClass }): [string, TraitDefinition] => {
      const name = key.slice('trait:'.length)
      return [name, { key: name, dataClass, purposes: [], owner: null }]
    }),
  )
  for (const caller of asked.callers) {
    for (const purpose of ['', ...asked.axes.purposes]) {
      const ability = asked.abilityFor(caller, purpose)
      const wanted = purpose === '' ? [] : [purpose]
      const plan = planProfile(ability, wanted, definitions, actionOf[test.table])
      for (const { name, key } of targets) {
        const [kind, rest] = [key.slice(0, key.indexOf(':')), key.slice(key.indexOf(':') + 1)]
        const field = kind === 'trait' ? plan.trait(rest) : plan.identifier(rest)
        const { allowed, reason, rule } = field.visible(loaded)
        yield {
          name: `${caller.name} ${purpose || 'without a purpose'} ${name}`,
          wanted: { answer: isSeen(test, caller, purpose, name) ? 'allow' : 'refuse' },
          got: { answer: allowed ? 'allow' : 'refuse', reason },
          rule,
        }
      }
    }
  }
}

function isSeen(test: ProfileTable, caller: Caller, purpose: string, target: string): boolean {
  return test.permits.some(
    ({ who, purposes, classes = [], fields = [] }) =>
      purposes.includes(purpose) &&
      [...classes, ...fields].some((each) => each === target) &&
      isMeant(who, caller, test),
  )
}

const rights = policySubjects.flatMap((subject) =>
  actionsOf[subject]
    .filter((action) => !isAboutProfile(action, subject))
    .map((action) => ({ action, subject, name: `${action} ${subject}` })),
)

/** What looks at no profile. */
export function* rightsCells(test: RightsTable, asked: Asked): Generator<Cell> {
  for (const caller of asked.callers) {
    const ability = asked.abilityFor(caller, '')
    for (const { action, subject, name } of rights) {
      const isListed = test.may.some(
        (each) => each.do.includes(name) && isMeant(each.who, caller, test),
      )
      const { allowed, reason, rule } = ability.may(action, subject)
      yield {
        name: `${caller.name} ${name}`,
        wanted: { answer: isListed ? 'allow' : 'refuse' },
        got: { answer: allowed ? 'allow' : 'refuse', reason },
        rule,
      }
    }
  }
}

/** How many combinations a table is asked about. */
export function countCells(test: PolicyTest, { axes, callers }: Pick<Asked, 'axes' | 'callers'>) {
  const { purposes, channels, fields } = axes
  if (test.table === 'activation') return callers.length * purposes.length * channels.length
  if (test.table === 'rights') return callers.length * rights.length
  return callers.length * (purposes.length + 1) * (dataClasses.length + fields.length)
}
