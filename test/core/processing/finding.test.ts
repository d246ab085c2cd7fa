import { describe, expect, test } from 'vitest'
import { manifestSchema } from '../../../core/model/manifest.ts'
import type { TraitDefinition } from '../../../core/model/trait.ts'
import { findingsOf, type FindingCode } from '../../../core/processing/finding.ts'
import type { Material } from '../../../core/processing/material.ts'
import { recordsOf } from '../../../core/processing/record.ts'
import { pluginManifest, probeAgent } from '../../support/pluginFolder.ts'

const day = (nth: number): Date => new Date(Date.UTC(2026, 0, nth))
const who = 'agent:probe/probe'

const manifest = manifestSchema.parse(
  pluginManifest({
    agents: [
      probeAgent({
        reads: { traits: ['mode'], events: { Order: ['total'] } },
        proposes: [{ purpose: 'marketing.promotion', channels: ['webhook'], fields: ['email'] }],
      }),
    ],
    network: [
      {
        host: '*.example.com',
        methods: ['POST'],
        purpose: 'marketing.promotion',
        reason: 'the coupon shop',
      },
    ],
  }),
)

const defined = (key: string, more: Partial<TraitDefinition> = {}): [string, TraitDefinition] => [
  key,
  { key, dataClass: 'none', purposes: ['analytics'], owner: null, ...more },
]

const used = (
  kind: 'read' | 'write' | 'send',
  object: string,
  more: Partial<Material['accesses'][number]> = {},
): Material['accesses'][number] => ({
  actor: who,
  kind,
  purpose: kind === 'send' ? 'marketing.promotion' : 'analytics',
  object,
  dataClass: 'none',
  count: 3,
  firstAt: day(40),
  lastAt: day(41),
  ...more,
})

/** Everything is used as it was promised. Tests spoil one thing. */
const material = (more: Partial<Material> = {}): Material => ({
  now: day(60),
  since: day(30),
  plugins: [{ id: 'probe', version: '1.0.0', state: 'active', manifest, installedAt: day(1) }],
  definitions: new Map([
    defined('mode'),
    defined('probe'),
    defined('email', { dataClass: 'contact', ttlMs: 86_400_000 }),
  ]),
  purposes: [
    { key: 'analytics', description: 'To learn.', bases: ['consent'], needsGrant: true },
    { key: 'marketing', description: 'To advertise.', bases: ['consent'], needsGrant: true },
  ],
  principals: [
    {
      id: 'p1',
      name: 'shop',
      role: 'app',
      purposes: ['analytics'],
      createdAt: day(1),
      readable: new Map([['analytics', ['mode']]]),
    },
  ],
  sources: [{ id: 's1', name: 'web', enabled: true, createdAt: day(1), traits: ['mode'] }],
  accesses: [
    used('read', 'trait:mode'),
    used('read', 'property:total'),
    used('write', 'trait:probe'),
    used('send', 'trait:email'),
    used('send', 'channel:webhook'),
    used('send', 'host:api.example.com'),
    used('read', 'trait:mode', { actor: 'principal:p1' }),
  ],
  ...more,
})

const also = (...more: Material['accesses']): Partial<Material> => ({
  accesses: [...material().accesses, ...more],
})
const without = (object: string): Partial<Material> => ({
  accesses: material().accesses.filter((each) => each.actor !== who || each.object !== object),
})
const codesOf = (given: Material) => findingsOf(given).map(({ code }) => code)

test('where everything is used as it was promised nothing is found', () => {
  expect(findingsOf(material())).toEqual([])
})

describe('drift', () => {
  const principal = { actor: 'principal:p1', dataClass: 'contact' } as const
  const cases: [string, FindingCode, Partial<Material>, Partial<Material>][] = [
    [
      'a trait that an agent was handed and did not declare, not one that the version before used',
      'undeclared_access',
      also(used('read', 'trait:plan')),
      also(used('read', 'trait:plan', { firstAt: day(1) })),
    ],
    [
      'a property that it did not declare',
      'undeclared_access',
      also(used('read', 'property:note')),
      {},
    ],
    [
      'a trait that it wrote and does not own',
      'undeclared_access',
      also(used('write', 'trait:mode')),
      {},
    ],
    [
      'a host that no manifest names',
      'undeclared_recipient',
      also(used('send', 'host:example.org')),
      also(used('send', 'host:eu.example.com')),
    ],
    [
      'data of a special category in use',
      'special_data_used',
      {
        ...also(used('read', 'trait:diagnosis', { ...principal, dataClass: 'special' })),
      },
      also(used('read', 'trait:email', { ...principal, purpose: 'analytics' })),
    ],
    [
      'personal data read for no purpose, not what is none',
      'read_without_purpose',
      also(used('read', 'identifier:email', { ...principal, purpose: '' })),
      also(used('read', 'trait:mode', { ...principal, dataClass: 'none', purpose: '' })),
    ],
    [
      'a read that is declared and never used, unless the agent is too new to tell',
      'unused_read',
      without('trait:mode'),
      {
        ...without('trait:mode'),
        plugins: material().plugins.map((each) => ({ ...each, installedAt: day(35) })),
      },
    ],
    [
      'a proposal that is declared and never sent',
      'unused_proposal',
      { accesses: material().accesses.filter(({ kind }) => kind !== 'send') },
      {},
    ],
    [
      'a purpose that a principal never reads for',
      'unused_purpose',
      { accesses: material().accesses.filter(({ actor }) => actor === who) },
      {},
    ],
    [
      'a trait that may be used for nothing',
      'nothing_to_be_used_for',
      { definitions: new Map([...material().definitions, defined('probe', { purposes: ['-'] })]) },
      {},
    ],
    [
      'a trait that is special by what it is drawn from',
      'special_by_inference',
      {
        definitions: new Map([
          ...material().definitions,
          defined('mood', { specialBy: ['infers:health'] }),
        ]),
      },
      {},
    ],
    [
      'personal data without a lifetime',
      'kept_without_end',
      {
        definitions: new Map([
          ...material().definitions,
          defined('phone', { dataClass: 'contact' }),
        ]),
      },
      { definitions: new Map([...material().definitions, defined('plan')]) },
    ],
  ]

  test.each(cases)('%s', (...[, code, spoilt, fine]) => {
    expect(codesOf(material(spoilt))).toEqual([code])
    expect(codesOf(material(fine))).toEqual([])
  })

  test('tells the gravest first, each with what to do', () => {
    const found = findingsOf(
      material({ ...also(used('read', 'trait:plan'), used('send', 'host:example.org')) }),
    )
    expect(found.map(({ severity }) => severity)).toEqual(['high', 'medium'])
    for (const { remedy, explanation } of found) {
      expect(remedy).toMatch(/\.$/)
      expect(explanation).toContain('probe/probe')
    }
  })
})

describe('the records', () => {
  const byId = (given: Material) => new Map(recordsOf(given).map((each) => [each.id, each]))

  test('hold one activity per agent and purpose, principal and purpose, and source', () => {
    expect([...byId(material()).keys()]).toEqual([
      'agent:probe/probe analytics',
      'agent:probe/probe proposes marketing.promotion',
      'principal:p1 analytics',
      'source:s1',
    ])
  })

  test('say what Art. 30 asks: purpose and ground, data, recipients, how long, how kept, and what was counted', () => {
    const records = byId(material())
    expect(records.get('agent:probe/probe analytics')).toMatchObject({
      purposeDescription: 'To learn.',
      legalBases: ['consent'],
      needsConsent: true,
      fields: ['mode', 'probe', 'event Order: total'],
      recipients: [],
      transfers: expect.stringContaining('None'),
      observed: { count: 9, firstAt: day(40), lastAt: day(41) },
    })
    expect(records.get('agent:probe/probe proposes marketing.promotion')).toMatchObject({
      purposeDescription: 'To advertise.',
      dataClasses: ['contact'],
      recipients: [
        'channel webhook',
        '*.example.com: the coupon shop',
        'api.example.com: observed',
      ],
      retention: ['email: 1 days after it was written'],
      observed: { count: 9 },
    })
  })

  test('name special data with why it is, and nothing where nothing is', () => {
    const definitions = new Map([
      ...material().definitions,
      defined('mode', { specialBy: ['trait:diagnosis'] }),
    ])
    const told = byId(material({ definitions })).get('agent:probe/probe analytics')
    expect(told?.specialCategories).toEqual(['mode trait:diagnosis'])
    expect(byId(material()).get('source:s1')?.specialCategories).toEqual([])
  })

  test('say of what was never used that it was not', () => {
    expect(byId(material({ accesses: [] })).get('principal:p1 analytics')?.observed).toBeNull()
  })
})
