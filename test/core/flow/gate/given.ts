import type { GateInput, MemberConsent } from '../../../../core/flow/gate/input.ts'
import { createAbilities } from '../../../../policies/ability.ts'
import { shippedPolicy, shippedPurposes } from '../../../../policies/shipped.ts'
import type { Who } from '../../../../policies/vocabulary.ts'
import { fail } from '../../../../core/errors.ts'

export const now = new Date('2026-06-01T12:00:00Z')

const policy = shippedPolicy()
const abilities = createAbilities((where, thrown) => {
  throw fail('internal', { where }, thrown)
})

export const abilityFor = (who: Who, purpose: string) => abilities(policy, who, [purpose])

export const admin: Who = { kind: 'principal', role: 'admin' }

export const consent = (given: Partial<MemberConsent> = {}): MemberConsent => ({
  id: 'consent-1',
  profileId: 'profile-1',
  purpose: 'marketing.promotion',
  channel: 'email',
  decision: 'granted',
  basis: 'consent',
  collectedAt: new Date('2026-05-01T00:00:00Z'),
  expiresAt: null,
  isOutdated: false,
  ...given,
})

export interface Given {
  who?: Who
  request?: Partial<GateInput['request']>
  killSwitches?: Partial<GateInput['killSwitches']>
  subject?: Partial<GateInput['subject']>
  rest?: Partial<Omit<GateInput, 'request' | 'killSwitches' | 'subject'>>
}

/** An activation that the gate allows: the admin promotes by webhook, with consent. Tests spoil one thing. */
export function given({
  who = admin,
  request,
  killSwitches,
  subject,
  rest,
}: Given = {}): GateInput {
  const purpose = request?.purpose ?? 'marketing.promotion'
  return {
    now,
    request: {
      purpose,
      channel: 'email',
      destination: null,
      fields: [],
      requires: [],
      risk: 0,
      cost: null,
      contentKeys: [],
      proposer:
        who.kind === 'agent' ? { kind: 'agent', id: who.id } : { kind: 'principal', id: 'p1' },
      ...request,
    },
    killSwitches: {
      workspacePaused: false,
      pluginPaused: false,
      channelPaused: false,
      proposerRevoked: false,
      ...killSwitches,
    },
    channels: {
      email: { needsDestination: false },
      sms: { needsDestination: false },
      ads: { needsDestination: false },
      webhook: { needsDestination: true },
    },
    purposes: shippedPurposes,
    grant: null,
    subject: {
      profileIds: ['profile-1'],
      mergedAt: null,
      erasedAt: null,
      restricted: false,
      legalHold: false,
      objections: [],
      holds: [],
      gpc: false,
      minorBand: null,
      jurisdiction: 'DE',
      ...subject,
    },
    consents: [consent()],
    traits: [],
    row: { traits: {} },
    policy: { number: 1, ability: abilityFor(who, purpose) },
    limits: [],
    contacts: {},
    left: null,
    writtenAt: {},
    approval: null,
    ...rest,
  }
}
