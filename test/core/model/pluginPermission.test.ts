import { expect, test } from 'vitest'
import { readManifest } from '../../../core/host/manifest.ts'
import type { JsonObject } from '../../../core/model/json.ts'
import type { Manifest } from '../../../core/model/manifest.ts'
import { judgePlugin } from '../../../core/model/pluginApproval.ts'
import {
  capabilitiesOf,
  diffPermissions,
  permissionsOf,
} from '../../../core/model/pluginPermission.ts'
import { shippedTrust } from '../../../core/model/pluginTrust.ts'
import { pluginManifest, probeAgent } from '../../support/pluginFolder.ts'

const manifestOf = (overrides: JsonObject = {}): Manifest =>
  readManifest(JSON.stringify(pluginManifest(overrides)))
const withAgent = (agent: JsonObject, overrides: JsonObject = {}): Manifest =>
  manifestOf({ agents: [probeAgent(agent)], ...overrides })

const diff = (before: Manifest, next: Manifest) => {
  const { gained, lost } = diffPermissions(permissionsOf(before), permissionsOf(next))
  return {
    gained: gained.map(({ sentence }) => sentence),
    lost: lost.map(({ sentence }) => sentence),
  }
}

const act = { purpose: 'marketing.promotion', channels: ['email'] }

test('says in sentences what a manifest asks for', () => {
  const manifest = withAgent(
    {
      triggers: { events: ['*'], traits: ['plan'], consents: true },
      reads: { traits: ['mode'], pii: ['email'], events: { Order: ['total'] } },
      proposes: [{ ...act, fields: ['plan'], risk: 0.3, decisionEffect: 'minor' }],
      holds: ['marketing'],
    },
    {
      traits: [{ key: 'probe', class: 'sensitive', purposes: ['analytics'], infers: ['health'] }],
      network: [
        { host: 'api.example.com', methods: ['GET'], purpose: 'analytics', reason: 'rates.' },
      ],
    },
  )
  expect(permissionsOf(manifest).map(({ sentence }) => sentence)).toEqual([
    'Sends GET requests to api.example.com for analytics: rates.',
    'probe is woken by every event.',
    'probe is woken when plan changes.',
    'probe is woken when consent changes.',
    'probe reads the trait mode for analytics.',
    'probe reads the personal data email for analytics.',
    'probe reads total of the event Order for analytics.',
    'probe writes the trait probe.',
    'probe proposes marketing.promotion by email.',
    'probe proposes marketing.promotion by email at a risk of at least 0.3.',
    'probe proposes marketing.promotion by email with a minor effect on the person.',
    'probe puts plan into marketing.promotion by email.',
    'probe may put marketing on hold for a person.',
    'Owns the trait probe, of the class sensitive.',
    'Lets the trait probe be used for analytics.',
    'The trait probe is treated as telling of health.',
  ])
  expect(capabilitiesOf(permissionsOf(manifest))).toEqual(['network', 'pii'])
})

test.each<[string, Manifest, Manifest, string]>([
  ['a trait more', withAgent({}), withAgent({ reads: { traits: ['mode', 'plan'] } }), 'plan'],
  [
    'the same trait for another purpose',
    withAgent({}),
    withAgent({ purpose: 'marketing' }),
    'reads the trait mode for marketing',
  ],
  [
    'a channel more',
    withAgent({ proposes: [act] }),
    withAgent({ proposes: [{ ...act, channels: ['email', 'webhook'] }] }),
    'by webhook.',
  ],
  [
    'less risk, so that fewer are looked at',
    withAgent({ proposes: [{ ...act, risk: 0.8 }] }),
    withAgent({ proposes: [{ ...act, risk: 0.2 }] }),
    'at a risk of at least 0.2',
  ],
  [
    'less weight, so that nobody has to approve',
    withAgent({ proposes: [{ ...act, decisionEffect: 'significant' }] }),
    withAgent({ proposes: [act] }),
    'no effect on the person',
  ],
  [
    'a less strict class',
    manifestOf({ traits: [{ key: 'probe', class: 'contact', purposes: ['analytics'] }] }),
    manifestOf(),
    'of the class none',
  ],
  [
    'no longer telling of health',
    manifestOf({
      traits: [{ key: 'probe', class: 'none', purposes: ['analytics'], infers: ['health'] }],
    }),
    manifestOf(),
    'No longer: The trait probe is treated as telling of health',
  ],
  [
    'another tier',
    manifestOf(),
    { ...manifestOf(), tier: 'process' },
    'Runs in a process of its own',
  ],
])('%s is more, and its contrary less', (_what, before, next, sentence) => {
  const said = expect.stringContaining(sentence)
  expect(diff(before, next).gained).toContainEqual(said)
  expect(diff(next, before).gained.filter((text) => text.includes(sentence))).toEqual([])
})

test('a higher risk, a stricter class and less of everything ask for nothing more', () => {
  const wide = withAgent({
    reads: { traits: ['mode'], pii: ['email'] },
    proposes: [{ ...act, risk: 0.1 }],
  })
  const narrow = withAgent(
    { reads: { traits: ['mode'] }, proposes: [{ ...act, risk: 0.9 }] },
    { traits: [{ key: 'probe', class: 'sensitive', purposes: ['analytics'] }] },
  )
  expect(diff(wide, narrow).gained).toEqual([])
  expect(diff(wide, narrow).lost).not.toEqual([])
})

test('names that look like another permission are not taken for it', () => {
  const honest = permissionsOf(withAgent({ reads: { events: { 'Order total': ['x'] } } }))
  const alike = permissionsOf(withAgent({ reads: { events: { Order: ['total x'] } } }))
  expect(diffPermissions(honest, alike).gained).toHaveLength(1)
})

const judged = (manifest: Manifest, trust: 'verified' | 'local', signer: string | null = null) => ({
  manifest,
  trust,
  signer,
})

test('a first version waits for each capability; one without any for nobody', () => {
  expect(judgePlugin(null, judged(withAgent({}), 'local'), shippedTrust).reasons).toEqual([])
  const reading = withAgent({ reads: { pii: ['email'] } })
  expect(judgePlugin(null, judged(reading, 'local'), shippedTrust)).toMatchObject({
    reasons: ['It reads personal data.'],
    touchesPii: true,
    beyond: ['pii'],
  })
  expect(judgePlugin(null, judged(reading, 'verified'), shippedTrust).beyond).toEqual([])
})

test('a later version waits when it is trusted less or signed by another, if it uses a capability', () => {
  const reading = withAgent({ reads: { pii: ['email'] } })
  const base = judged(reading, 'verified', 'key one')
  const same = judgePlugin(base, base, shippedTrust)
  expect(same).toMatchObject({ reasons: [], touchesPii: false })
  const less = judgePlugin(base, judged(reading, 'local'), shippedTrust)
  expect(less.reasons).toEqual(['It is trusted as local, the version in service as verified.'])
  const other = judgePlugin(base, judged(reading, 'verified', 'key two'), shippedTrust)
  expect(other.reasons).toEqual(['It is not signed with the key of the version in service.'])
  expect([less.touchesPii, other.touchesPii]).toEqual([true, true])
  const harmless = judged(withAgent({}), 'verified', 'key one')
  expect(judgePlugin(harmless, judged(withAgent({}), 'local'), shippedTrust).reasons).toEqual([])
})
