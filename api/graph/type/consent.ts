import type { Consent, ConsentProof } from '../../../core/model/consent.ts'
import { glossary } from '../../../core/model/glossary.ts'
import { builder } from '../builder.ts'
import { encodeId } from '../id.ts'
import { IdentifierInput } from './identifier.ts'

export const ConsentDecisionType = builder.enumType('ConsentDecision', {
  description: 'What the person said.',
  values: {
    GRANTED: { value: 'granted' },
    DENIED: { value: 'denied' },
    WITHDRAWN: { value: 'withdrawn' },
  } as const,
})

const ConsentProofType = builder.objectRef<ConsentProof>('ConsentProof').implement({
  description: 'How the decision can be shown to have been made.',
  fields: (t) => ({
    method: t.exposeString('method', { nullable: true, description: 'Such as checkbox.' }),
    noticeId: t.exposeString('noticeId', { nullable: true }),
    noticeVersion: t.exposeString('noticeVersion', { nullable: true }),
    noticeHash: t.exposeString('noticeHash', { nullable: true }),
    language: t.exposeString('language', { nullable: true }),
    origin: t.exposeString('origin', { nullable: true }),
  }),
})

export const ConsentType = builder.objectRef<Consent>('Consent').implement({
  description: glossary.consent,
  fields: (t) => ({
    id: t.id({ resolve: ({ id }) => encodeId('Consent', id) }),
    purpose: t.exposeString('purpose', { description: glossary.purpose }),
    channel: t.exposeString('channel', { description: 'The channel, or * for every one.' }),
    decision: t.expose('decision', { type: ConsentDecisionType }),
    basis: t.exposeString('basis', { description: 'Lawful basis, such as consent.' }),
    proof: t.expose('proof', { type: ConsentProofType }),
    collectedAt: t.expose('collectedAt', { type: 'DateTime' }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime', nullable: true }),
  }),
})

const ConsentProofInput = builder.inputType('ConsentProofInput', {
  fields: (t) => ({
    method: t.string(),
    noticeId: t.string(),
    noticeVersion: t.string(),
    noticeHash: t.string(),
    language: t.string(),
    origin: t.string(),
  }),
})

export const RecordConsentInput = builder.inputType('RecordConsentInput', {
  fields: (t) => ({
    subject: t.field({ type: IdentifierInput, required: true }),
    purpose: t.string({ required: true }),
    channel: t.string({ required: true, description: 'The channel, or * for every one.' }),
    decision: t.field({ type: ConsentDecisionType, required: true }),
    basis: t.string({ description: 'Lawful basis; consent unless said otherwise.' }),
    proof: t.field({ type: ConsentProofInput }),
    collectedAt: t.field({ type: 'DateTime' }),
    expiresAt: t.field({ type: 'DateTime' }),
  }),
})
