import {
  mappedDialects,
  type ConsentMapping,
  type ReceiptKey,
} from '../../../core/model/consentMapping.ts'
import type { Notice } from '../../../core/model/notice.ts'
import type { PurposeView } from '../../../core/read/listConsentTerms.ts'
import { builder } from '../builder.ts'
import { IdentifierInput } from './identifier.ts'

export const PurposeType = builder.objectRef<PurposeView>('Purpose').implement({
  description: 'Why data is processed, and what the workspace asks of it.',
  fields: (t) => ({
    key: t.exposeString('key'),
    description: t.exposeString('description'),
    bases: t.exposeStringList('bases', { description: 'Lawful bases on which it may rest.' }),
    needsGrant: t.exposeBoolean('needsGrant', {
      description: 'False where another basis than consent will do.',
    }),
    ttlDays: t.exposeInt('ttlDays', {
      nullable: true,
      description: 'How long a grant lasts at most; null for no end.',
    }),
    doubleOptIn: t.exposeStringList('doubleOptIn', {
      description: 'Channels on which a grant has to be confirmed; * for all.',
    }),
  }),
})

export const DefinePurposeInput = builder.inputType('DefinePurposeInput', {
  fields: (t) => ({
    key: t.string({ required: true }),
    description: t.string({ required: true }),
    bases: t.stringList({ required: true }),
    needsGrant: t.boolean({ required: true }),
    ttlDays: t.int(),
    doubleOptIn: t.stringList({ description: 'Channels; * for all.' }),
  }),
})

export const NoticeType = builder.objectRef<Notice>('Notice').implement({
  description: 'What people are told before they consent, in one language of one version.',
  fields: (t) => ({
    id: t.exposeString('id', { description: 'What proofs name as noticeId.' }),
    version: t.exposeString('version'),
    language: t.exposeString('language'),
    number: t.exposeInt('number', { description: 'The order of versions, from 1.' }),
    sha256: t.exposeString('sha256'),
    text: t.exposeString('text'),
    purposes: t.exposeStringList('purposes'),
    accepts: t.exposeString('accepts', { description: 'The oldest version whose grants count.' }),
    author: t.exposeString('author'),
    publishedAt: t.expose('publishedAt', { type: 'DateTime' }),
  }),
})

export const PublishNoticeInput = builder.inputType('PublishNoticeInput', {
  fields: (t) => ({
    id: t.string({ required: true }),
    version: t.string({ required: true }),
    language: t.string({ required: true, description: 'Such as de or pt-BR.' }),
    text: t.string({ required: true }),
    purposes: t.stringList({ required: true }),
    accepts: t.string({
      description:
        'The oldest version whose grants still count; without it, this one: grants for all before count no more.',
    }),
  }),
})

const ConsentDialectType = builder.enumType('ConsentDialect', {
  description: 'A platform whose consent ids every site makes up for itself.',
  values: Object.fromEntries(mappedDialects.map((name) => [name.toUpperCase(), { value: name }])),
})

const MappingTargetType = builder
  .objectRef<ConsentMapping['targets'][number]>('ConsentTarget')
  .implement({
    fields: (t) => ({
      purpose: t.exposeString('purpose'),
      channels: t.exposeStringList('channels'),
    }),
  })

export const ConsentMappingType = builder.objectRef<ConsentMapping>('ConsentMapping').implement({
  description: 'What a consent id of another platform stands for.',
  fields: (t) => ({
    dialect: t.expose('dialect', { type: ConsentDialectType }),
    source: t.exposeString('sourceId', { nullable: true, description: 'Null for every source.' }),
    consentId: t.exposeString('consentId'),
    targets: t.expose('targets', { type: [MappingTargetType] }),
    author: t.exposeString('author'),
    definedAt: t.expose('definedAt', { type: 'DateTime' }),
  }),
})

const ConsentTargetInput = builder.inputType('ConsentTargetInput', {
  fields: (t) => ({
    purpose: t.string({ required: true }),
    channels: t.stringList({ description: 'Every channel unless said otherwise.' }),
  }),
})

export const DefineConsentMappingInput = builder.inputType('DefineConsentMappingInput', {
  fields: (t) => ({
    dialect: t.field({ type: ConsentDialectType, required: true }),
    source: t.string({ description: 'Id of the source; without it, every source.' }),
    consentId: t.string({ required: true }),
    targets: t.field({
      type: [ConsentTargetInput],
      required: true,
      description: 'None: the id means nothing, even where it is spelt like a purpose.',
    }),
  }),
})

export const ReceiptKeyType = builder.objectRef<ReceiptKey>('ReceiptKey').implement({
  description: 'A key that OneTrust receipts are signed with.',
  fields: (t) => ({
    id: t.exposeString('keyId', { description: 'SHA-256 of the key.' }),
    source: t.exposeString('sourceId', { nullable: true, description: 'Null for every source.' }),
    publicKey: t.exposeString('publicKey'),
    author: t.exposeString('author'),
    addedAt: t.expose('addedAt', { type: 'DateTime' }),
  }),
})

export const SetReceiptKeysInput = builder.inputType('SetReceiptKeysInput', {
  fields: (t) => ({
    source: t.string({ description: 'Id of the source; without it, every source with no own.' }),
    publicKeys: t.stringList({
      required: true,
      description: 'As PEM or JWK, RSA or P-256; all that there are from now on. None: unsigned.',
    }),
  }),
})

export const ConfirmConsentInput = builder.inputType('ConfirmConsentInput', {
  fields: (t) => ({ token: t.string({ required: true }) }),
})

export const SetJurisdictionInput = builder.inputType('SetJurisdictionInput', {
  fields: (t) => ({
    subject: t.field({ type: IdentifierInput, required: true }),
    jurisdiction: t.string({ description: 'Such as DE or US-CA; null takes it back.' }),
  }),
})
