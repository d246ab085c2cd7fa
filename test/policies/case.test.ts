import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { decide } from '../../core/flow/gate/decide.ts'
import { consentDecisions } from '../../core/model/consent.ts'
import { policyActions, policySubjects } from '../../core/model/policy.ts'
import { dataClasses } from '../../core/model/trait.ts'
import { roles } from '../../core/model/principal.ts'
import { planProfile } from '../../policies/plan.ts'
import type { Who } from '../../policies/vocabulary.ts'
import { abilityFor, consent, given } from '../core/flow/gate/given.ts'

// A table lists what is permitted. Every combination that it does not list must be refused.
const callers = [...roles, 'agent'] as const
const callerSchema = z.enum(callers)
const channels = ['email', 'sms', 'webhook', 'ads'] as const
const purposes = [
  'service',
  'security',
  'analytics',
  'personalization',
  'marketing',
  'marketing.promotion',
  'marketing.ads',
  'resale',
] as const

const cellsSchema = z.strictObject({
  who: z.array(callerSchema).min(1),
  purposes: z.array(z.enum(purposes)).min(1),
  channels: z.array(z.enum(channels)).min(1),
})
const reasonedSchema = cellsSchema.extend({ reason: z.string() })

const activationSchema = z.strictObject({
  table: z.literal('activation'),
  description: z.string(),
  consents: z.array(
    z.strictObject({
      purpose: z.string(),
      channel: z.string(),
      decision: z.enum(consentDecisions),
      collectedAt: z.coerce.date(),
      expiresAt: z.coerce.date().optional(),
      profileId: z.string().optional(),
    }),
  ),
  subject: z
    .strictObject({
      profileIds: z.array(z.string()),
      mergedAt: z.coerce.date(),
      erasedAt: z.coerce.date(),
      restricted: z.boolean(),
      objections: z.array(z.string()),
      gpc: z.boolean(),
      minorBand: z.string(),
      holds: z.array(
        z.strictObject({ purpose: z.string(), agent: z.string(), reason: z.string() }),
      ),
    })
    .partial()
    .default({}),
  row: z.record(z.string(), z.json()).default({}),
  allow: z.array(cellsSchema),
  hold: z.array(reasonedSchema).default([]),
  refuse: z.array(reasonedSchema),
})
const readingPurposes = ['', ...purposes] as const
const readingSchema = z.strictObject({
  table: z.literal('reading'),
  description: z.string(),
  restricted: z.boolean(),
  sees: z.array(
    z.strictObject({
      who: z.array(callerSchema).min(1),
      purposes: z.array(z.enum(readingPurposes)).min(1),
      classes: z.array(z.enum(dataClasses)).min(1),
    }),
  ),
})
const actingSchema = z.strictObject({
  table: z.literal('acting'),
  description: z.string(),
  subject: z.enum(policySubjects),
  may: z.array(
    z.strictObject({
      who: z.array(callerSchema).min(1),
      actions: z.array(z.enum(policyActions)).min(1),
    }),
  ),
})
const tableSchema = z.discriminatedUnion('table', [activationSchema, readingSchema, actingSchema])

const whoOf = (caller: (typeof callers)[number]): Who =>
  caller === 'agent' ? { kind: 'agent', id: 'any/agent' } : { kind: 'principal', role: caller }

const combinations = <A, B, C>(first: readonly A[], second: readonly B[], third: readonly C[]) =>
  first.flatMap((a) => second.flatMap((b) => third.map((c) => [a, b, c] as const)))

type Cell = { who: string[]; purposes: string[]; channels: string[] }
const covers = (cells: Cell, who: string, purpose: string, channel: string) =>
  cells.who.includes(who) && cells.purposes.includes(purpose) && cells.channels.includes(channel)

function activationRows(table: z.infer<typeof activationSchema>) {
  const { mergedAt, erasedAt, profileIds, restricted, objections, gpc, minorBand, holds } =
    table.subject
  const defined = { mergedAt, erasedAt, profileIds, restricted, objections, gpc, minorBand, holds }
  const subject = Object.fromEntries(
    Object.entries(defined).filter(([, value]) => value !== undefined),
  )
  const consents = table.consents.map(({ expiresAt, profileId, ...said }, at) =>
    consent({
      ...said,
      id: `consent-${at}`,
      expiresAt: expiresAt ?? null,
      profileId: profileId ?? 'profile-1',
    }),
  )
  const grant = { proposes: purposes.map((purpose) => ({ purpose, channels: ['*'], fields: [] })) }
  return combinations(callers, purposes, channels).map(([caller, purpose, channel]) => {
    const { outcome, reason } = decide(
      given({
        who: whoOf(caller),
        request: { purpose, channel, destination: 'https://example.test' },
        subject,
        rest: { consents, grant, row: { traits: table.row } },
      }),
    )
    return { caller, purpose, channel, outcome, reason }
  })
}

const folder = join(import.meta.dirname, '../../policies/case')
const tables = readdirSync(folder).map((file) => ({
  name: file,
  table: tableSchema.parse(JSON.parse(readFileSync(join(folder, file), 'utf8'))),
}))

describe('decision tables', () => {
  it('are all found', () => expect(tables.length).toBeGreaterThanOrEqual(19))

  for (const { name, table } of tables) {
    if (table.table === 'activation') {
      it(`${name}: ${table.description}`, () => {
        for (const { caller, purpose, channel, outcome, reason } of activationRows(table)) {
          const cell = `${caller} ${purpose} ${channel}`
          const here = (cells: Cell) => covers(cells, caller, purpose, channel)
          const held = table.hold.find(here)
          const wanted = table.allow.some(here) ? 'allow' : held ? 'hold' : 'refuse'
          expect(`${cell} ${outcome}`).toBe(`${cell} ${wanted}`)
          const because = held ?? table.refuse.find(here)
          if (because !== undefined) expect(`${cell} ${reason}`).toBe(`${cell} ${because.reason}`)
        }
      })
    } else if (table.table === 'acting') {
      it(`${name}: ${table.description}`, () => {
        for (const [caller, action] of combinations(callers, policyActions, [''])) {
          const wanted = table.may.some(
            (each) => each.who.includes(caller) && each.actions.includes(action),
          )
          const { allowed } = abilityFor(whoOf(caller), '').may(action, table.subject)
          expect(`${caller} ${action} ${allowed}`).toBe(`${caller} ${action} ${wanted}`)
        }
      })
    } else {
      it(`${name}: ${table.description}`, () => {
        const row = { traits: {}, restricted: table.restricted }
        for (const [caller, purpose, dataClass] of combinations(
          callers,
          readingPurposes,
          dataClasses,
        )) {
          const definition = { key: 'value', dataClass, purposes: [], owner: null }
          const asked = purpose === '' ? [] : [purpose]
          const plan = planProfile(
            abilityFor(whoOf(caller), purpose),
            asked,
            new Map([['value', definition]]),
          )
          const wanted = table.sees.some(
            (each) =>
              each.who.includes(caller) &&
              each.purposes.includes(purpose) &&
              each.classes.includes(dataClass),
          )
          const seen = plan.trait('value').visible(row).allowed
          expect(`${caller} ${purpose} ${dataClass} ${seen}`).toBe(
            `${caller} ${purpose} ${dataClass} ${wanted}`,
          )
        }
      })
    }
  }
})
