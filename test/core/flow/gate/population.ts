import fc from 'fast-check'
import type { Sql } from 'postgres'
import { isGuardians } from '../../../../core/model/age.ts'

/** Persons who differ in everything that the gate may ask, at times in whole days so that many coincide. */
export const populationStart = new Date('2026-06-01T22:30:00Z')

export const daysAgo = (days: number): string =>
  new Date(populationStart.getTime() - days * 86_400_000).toISOString()

const word = fc.record({
  purpose: fc.constantFrom('marketing.promotion', 'marketing', 'marketing.newsletter', 'analytics'),
  channel: fc.constantFrom('email', '*', 'webhook'),
  decision: fc.constantFrom('granted', 'granted', 'granted', 'denied', 'withdrawn'),
  basis: fc.constantFrom('consent', 'consent', 'contract'),
  method: fc.constantFrom('form', 'form', 'parental:signed_form'),
  collected: fc.integer({ min: -1, max: 4 }),
  expires: fc.constantFrom(null, null, -3, 1, 0),
})

const isGuardianGrant = ({ decision, method }: { decision: string; method: string }): boolean =>
  decision === 'granted' && isGuardians(method)

const trait = (value: fc.Arbitrary<string | number>) =>
  fc.record({
    value,
    written: fc.constantFrom(1, 29, 30, 31),
    fate: fc.constantFrom('open', 'open', 'open', 'sealed', 'removed', 'expired', 'expires later'),
  })

const profile = fc.record({
  traits: fc.record(
    {
      plan: trait(fc.constantFrom('free', 'pro', 'pro', 'team')),
      seats: trait(fc.integer({ min: 1, max: 6 })),
      timezone: trait(fc.constantFrom('Asia/Tokyo', 'Europe/Berlin', 'nowhere', 7)),
    },
    { requiredKeys: [] },
  ),
  legal: fc.option(
    fc.record({
      restricted: fc.integer({ min: 0, max: 9 }).map((n) => n === 9),
      legalHold: fc.integer({ min: 0, max: 9 }).map((n) => n === 9),
      objections: fc.constantFrom<string[]>([], [], [], ['marketing'], ['marketing.newsletter']),
      holds: fc.constantFrom<string[]>([], [], [], [], ['marketing'], ['*'], ['analytics']),
      gpc: fc.boolean(),
      minorBand: fc.constantFrom(
        null,
        null,
        null,
        'adult',
        'child',
        'born_before_2012-06',
        'born_before_2012-07',
      ),
      jurisdiction: fc.constantFrom('DE', 'DE', null, 'US-CA', 'BR'),
      erased: fc.integer({ min: 0, max: 19 }).map((n) => n === 19),
    }),
  ),
  words: fc.uniqueArray(word, {
    maxLength: 4,
    selector: (said) => `${said.purpose} ${said.channel} ${isGuardianGrant(said)}`,
  }),
  sent: fc.array(
    fc.record({
      purpose: fc.constantFrom('marketing.promotion', 'marketing.promotion.spring', 'marketing'),
      days: fc.integer({ min: 1, max: 5 }),
      state: fc.constantFrom('sent', 'sent', 'dispatching', 'failed', 'approved'),
    }),
    { maxLength: 3 },
  ),
  isMerged: fc.integer({ min: 0, max: 4 }).map((n) => n === 4),
})

type TestProfile = typeof profile extends fc.Arbitrary<infer T> ? T : never

const unburdened = {
  restricted: false,
  legalHold: false,
  objections: [],
  holds: [],
  gpc: false,
  minorBand: null,
  erased: false,
}

/** Somebody of whom little stands in the way. */
const wellMeaning = profile.map((drawn): TestProfile => ({
  ...drawn,
  legal: { ...unburdened, jurisdiction: 'DE' },
  words: [
    {
      purpose: 'marketing.promotion',
      channel: '*',
      decision: 'granted',
      basis: 'consent',
      method: 'form',
      collected: 3,
      expires: null,
    },
  ],
  sent: [],
  isMerged: false,
}))

const parts = ['traits', 'legal', 'words', 'sent', 'isMerged'] as const

/**
 * A few kinds of persons, and of each many who differ in one thing: most of these belong to the same class, and a
 * class that leaves something out holds two of whom the gate says different things.
 */
export const population = fc
  .array(
    fc.tuple(
      fc.oneof(profile, wellMeaning, wellMeaning),
      fc.array(fc.tuple(fc.constantFrom(...parts), profile), { minLength: 14, maxLength: 14 }),
    ),
    { minLength: 6, maxLength: 6 },
  )
  .map((kinds) =>
    kinds.flatMap(([base, others]) => [
      base,
      ...others.map(([part, other]): TestProfile => ({ ...base, [part]: other[part] })),
    ]),
  )

const idOf = (at: number): string => `01JP${String(at).padStart(22, '0')}`

/**
 * Puts them into the real tables, in place of whoever was there. A merged one joins the last that is not.
 *
 * @param round raised each time: what stood before is kept under its version
 */
export async function settle(
  sql: Sql,
  workspaceId: number,
  profiles: readonly TestProfile[],
  round: number,
): Promise<void> {
  const rows = profiles.map((each, at) => {
    const home = each.isMerged
      ? profiles.findLastIndex(({ isMerged }, nth) => nth < at && !isMerged)
      : at
    return { ...each, id: idOf(at), canonical: idOf(home === -1 ? at : home) }
  })
  await sql.begin(async (tx) => {
    await tx`delete from profile`
    await tx`delete from legal_state`
    await tx`delete from consent_current`
    await tx`delete from activation`
    await tx`delete from change`
    for (const row of rows) await insert(tx, workspaceId, row, round)
  })
}

type Row = TestProfile & { id: string; canonical: string }

async function insert(
  tx: Pick<Sql, 'unsafe'> & Tagged,
  workspaceId: number,
  row: Row,
  round: number,
) {
  const { id, canonical, legal } = row
  const [traits, provenance] = traitsOf(row)
  await tx`
    insert into profile (workspace_id, id, canonical_id, traits, provenance, revision, created_at, updated_at)
    values (${workspaceId}, ${id}, ${canonical}, ${traits}::text::jsonb, ${provenance}::text::jsonb, 1,
      ${daysAgo(40)}, ${daysAgo(1)})`
  if (canonical !== id) {
    await tx`
      insert into change (workspace_id, profile_id, id, kind, key, author_kind, author_id, cause, at)
      values (${workspaceId}, ${canonical}, ${id}, 'merge', ${id}, 'system', 'test', 'test', ${daysAgo(2)})`
  }
  if (legal !== null) {
    const holds = legal.holds.map((purpose) => ({
      purpose,
      agent: 'a/b',
      reason: 'complaint_open',
    }))
    await tx`
      insert into legal_state (workspace_id, profile_id, version, restricted, legal_hold, objections, holds, gpc,
        minor_band, jurisdiction, erased_at, updated_at)
      values (${workspaceId}, ${id}, ${round}, ${legal.restricted}, ${legal.legalHold}, ${legal.objections},
        ${JSON.stringify(holds)}::text::jsonb, ${legal.gpc}, ${legal.minorBand}, ${legal.jurisdiction},
        ${legal.erased ? daysAgo(1) : null}, ${daysAgo(1)})`
  }
  for (const [at, said] of row.words.entries()) {
    await tx`
      insert into consent_current (workspace_id, profile_id, purpose, channel, guardian, consent_id, decision,
        basis, proof, collected_at, expires_at)
      values (${workspaceId}, ${id}, ${said.purpose}, ${said.channel}, ${isGuardianGrant(said)},
        ${`${id}-${at}`}, ${said.decision}, ${said.basis},
        ${JSON.stringify({ method: said.method })}::text::jsonb, ${daysAgo(said.collected)},
        ${said.expires === null ? null : daysAgo(said.expires)})`
  }
  for (const [at, act] of row.sent.entries()) {
    await tx`
      insert into activation (workspace_id, profile_id, id, proposer_kind, proposer_id, purpose, channel,
        content, cause, state, attempts, due_at, created_at, updated_at, sent_at)
      values (${workspaceId}, ${id}, ${`${id}+${at}`}, 'principal', 'p', ${act.purpose}, 'email', '{}', 'test',
        ${act.state}, ${at}, ${daysAgo(act.days)}, ${daysAgo(act.days)}, ${daysAgo(act.days)},
        ${act.state === 'sent' ? daysAgo(act.days) : null})`
  }
}

interface Tagged {
  (
    strings: TemplateStringsArray,
    ...values: (string | number | boolean | string[] | null)[]
  ): unknown
}

function traitsOf({ id, traits }: Row): [values: string, provenance: string] {
  const values: Record<string, unknown> = {}
  const provenance: Record<string, object> = {}
  for (const [key, { value, written, fate }] of Object.entries(traits)) {
    if (fate !== 'sealed' && fate !== 'removed') values[key] = value
    provenance[key] = {
      revision: 1,
      author: { kind: 'source', id: 'shop' },
      writtenAt: daysAgo(written),
      confidence: 1,
      cause: 'test',
      ...(fate === 'sealed' ? { vault: id, sealedAt: daysAgo(written) } : {}),
      ...(fate === 'removed' ? { removed: true } : {}),
      ...(fate === 'expired' ? { expiresAt: daysAgo(0) } : {}),
      ...(fate === 'expires later' ? { expiresAt: daysAgo(-1) } : {}),
    }
  }
  return [JSON.stringify(values), JSON.stringify(provenance)]
}
