import type { Confirmation, Consent, ConsentProof } from '../../../core/model/consent.ts'
import { glossary } from '../../../core/model/glossary.ts'
import type { ConsentConflict } from '../../../core/read/listConflicts.ts'
import type { Place } from '../../../core/read/listPlaces.ts'
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

const ConsentStateType = builder.enumType('ConsentState', {
  description: 'What the ledger has of it.',
  values: {
    GRANTED: { value: 'granted' },
    DENIED: { value: 'denied' },
    WITHDRAWN: { value: 'withdrawn' },
    PENDING: {
      value: 'pending',
      description: 'Granted and not confirmed: it permits nothing, and what stood before stands.',
    },
  } as const,
})

const ConsentProofType = builder.objectRef<ConsentProof>('ConsentProof').implement({
  description: 'How the decision can be shown to have been made.',
  fields: (t) => ({
    method: t.exposeString('method', { nullable: true, description: 'Such as checkbox.' }),
    noticeId: t.exposeString('noticeId', { nullable: true }),
    noticeVersion: t.exposeString('noticeVersion', { nullable: true }),
    noticeHash: t.exposeString('noticeHash', {
      nullable: true,
      description: 'SHA-256 of the text, in hex.',
    }),
    language: t.exposeString('language', { nullable: true }),
    origin: t.exposeString('origin', { nullable: true }),
    confirmedAt: t.field({
      type: 'DateTime',
      nullable: true,
      resolve: ({ confirmedAt }) => (confirmedAt ? new Date(confirmedAt) : null),
    }),
    confirms: t.id({
      nullable: true,
      description: 'The word that waited for this confirmation.',
      resolve: ({ confirms }) => (confirms ? encodeId('Consent', confirms) : null),
    }),
  }),
})

export const ConsentType = builder.objectRef<Consent>('Consent').implement({
  description: glossary.consent,
  fields: (t) => ({
    id: t.id({ resolve: ({ id }) => encodeId('Consent', id) }),
    purpose: t.exposeString('purpose', { description: glossary.purpose }),
    channel: t.exposeString('channel', { description: 'The channel, or * for every one.' }),
    decision: t.expose('decision', { type: ConsentStateType }),
    basis: t.exposeString('basis', { description: 'Lawful basis, such as consent.' }),
    proof: t.expose('proof', { type: ConsentProofType }),
    collectedAt: t.expose('collectedAt', { type: 'DateTime' }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it ends, by its own word or by what its purpose allows.',
    }),
    jurisdiction: t.exposeString('jurisdiction', {
      nullable: true,
      description: 'Where the person was when they said it, as far as is known.',
    }),
  }),
})

export const ConfirmationType = builder.objectRef<Confirmation>('Confirmation').implement({
  description: 'What turns a pending grant into one that counts.',
  fields: (t) => ({
    token: t.exposeString('token', {
      description: 'To be sent to the address of the person; shown this once, and counts once.',
    }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime' }),
  }),
})

export const ConsentConflictType = builder.objectRef<ConsentConflict>('ConsentConflict').implement({
  description:
    'A grant and an older refusal of profiles that were merged: the refusal stands until the person says a word anew.',
  fields: (t) => ({
    purpose: t.exposeString('purpose'),
    channel: t.exposeString('channel'),
    grant: t.id({ resolve: ({ grantId }) => encodeId('Consent', grantId) }),
    refusal: t.id({ resolve: ({ refusalId }) => encodeId('Consent', refusalId) }),
    foundAt: t.expose('foundAt', { type: 'DateTime' }),
  }),
})

const JurisdictionSourceType = builder.enumType('JurisdictionSource', {
  description: 'Who said where a person is, the best first.',
  values: {
    DECLARED: { value: 'declared', description: 'A principal.' },
    TRAIT: { value: 'trait', description: 'Their country or address.' },
    EVENT: { value: 'event', description: 'An event that spoke of consent.' },
  } as const,
})

export const PlaceType = builder.objectRef<Place>('Place').implement({
  description: 'Where a person is, and which law that makes.',
  fields: (t) => ({
    jurisdiction: t.exposeString('jurisdiction', {
      nullable: true,
      description: 'Such as DE or US-CA; null where nobody knows or what is known disagrees.',
    }),
    source: t.expose('source', { type: JurisdictionSourceType, nullable: true }),
    regime: t.string({
      description: 'Such as gdpr; strictest where the jurisdiction tells none.',
      resolve: ({ regime }) => regime.key,
    }),
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
    confirmedAt: t.field({
      type: 'DateTime',
      description: 'When the person confirmed, where another platform asked them to.',
    }),
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
    jurisdiction: t.string({ description: 'Where it was said, such as DE or US-CA.' }),
  }),
})
