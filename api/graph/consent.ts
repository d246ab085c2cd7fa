/** What officers say about consent, and what they ask of it. */
import { defineConsentMapping } from '../../core/admin/defineConsentMapping.ts'
import { definePurpose } from '../../core/admin/definePurpose.ts'
import { parseInput } from '../../core/admin/parseInput.ts'
import { publishNotice } from '../../core/admin/publishNotice.ts'
import { setReceiptKeys } from '../../core/admin/setReceiptKeys.ts'
import { consentInputSchema } from '../../core/model/consent.ts'
import { identifierSchema } from '../../core/model/identifier.ts'
import { jurisdictionSchema } from '../../core/model/jurisdiction.ts'
import type { ConsentMapping, ReceiptKey } from '../../core/model/consentMapping.ts'
import type { Notice } from '../../core/model/notice.ts'
import type { RecordedWord } from './context.ts'
import {
  listConsentMappings,
  listPurposes,
  listReceiptKeys,
  type PurposeView,
} from '../../core/read/listConsentTerms.ts'
import { findProfile } from '../../core/read/findProfile.ts'
import { listNotices } from '../../core/read/listNotices.ts'
import type { Profile } from '../../core/read/profile.ts'
import { builder } from './builder.ts'
import { ConfirmationType, ConsentType, RecordConsentInput } from './type/consent.ts'
import {
  ConfirmConsentInput,
  ConsentMappingType,
  DefineConsentMappingInput,
  DefinePurposeInput,
  NoticeType,
  PublishNoticeInput,
  PurposeType,
  ReceiptKeyType,
  SetJurisdictionInput,
  SetReceiptKeysInput,
} from './type/consentTerms.ts'
import { outcome, UserErrorType, type Outcome } from './type/payload.ts'
import { ProfileType } from './type/profile.ts'

const RecordConsentPayload = builder
  .objectRef<Outcome<RecordedWord>>('RecordConsentPayload')
  .implement({
    fields: (t) => ({
      consent: t.field({
        type: ConsentType,
        nullable: true,
        resolve: ({ result }) => result,
      }),
      confirmation: t.field({
        type: ConfirmationType,
        nullable: true,
        description: 'Of a grant that waits: send its token to the person, and back from there.',
        resolve: ({ result }) => result?.confirmation ?? null,
      }),
      errors: t.expose('errors', { type: [UserErrorType] }),
    }),
  })

const ConfirmConsentPayload = builder
  .objectRef<Outcome<RecordedWord>>('ConfirmConsentPayload')
  .implement({
    fields: (t) => ({
      consent: t.field({ type: ConsentType, nullable: true, resolve: ({ result }) => result }),
      errors: t.expose('errors', { type: [UserErrorType] }),
    }),
  })

const SetJurisdictionPayload = builder
  .objectRef<Outcome<Profile | null>>('SetJurisdictionPayload')
  .implement({
    fields: (t) => ({
      profile: t.field({
        type: ProfileType,
        nullable: true,
        description: 'As the caller may see it.',
        resolve: ({ result }) => result,
      }),
      errors: t.expose('errors', { type: [UserErrorType] }),
    }),
  })

const DefinePurposePayload = builder
  .objectRef<Outcome<PurposeView | null>>('DefinePurposePayload')
  .implement({
    fields: (t) => ({
      purpose: t.expose('result', { type: PurposeType, nullable: true }),
      errors: t.expose('errors', { type: [UserErrorType] }),
    }),
  })

const PublishNoticePayload = builder.objectRef<Outcome<Notice>>('PublishNoticePayload').implement({
  fields: (t) => ({
    notice: t.expose('result', { type: NoticeType, nullable: true }),
    errors: t.expose('errors', { type: [UserErrorType] }),
  }),
})

const DefineConsentMappingPayload = builder
  .objectRef<Outcome<ConsentMapping>>('DefineConsentMappingPayload')
  .implement({
    fields: (t) => ({
      mapping: t.expose('result', { type: ConsentMappingType, nullable: true }),
      errors: t.expose('errors', { type: [UserErrorType] }),
    }),
  })

const SetReceiptKeysPayload = builder
  .objectRef<Outcome<ReceiptKey[]>>('SetReceiptKeysPayload')
  .implement({
    fields: (t) => ({
      keys: t.field({ type: [ReceiptKeyType], resolve: ({ result }) => result ?? [] }),
      errors: t.expose('errors', { type: [UserErrorType] }),
    }),
  })

builder.queryFields((t) => ({
  purposes: t.field({
    type: [PurposeType],
    description: 'What the workspace processes data for.',
    resolve: (_, __, { reader }) => listPurposes(reader),
  }),
  notices: t.field({
    type: [NoticeType],
    description: 'What was published, newest first: the last 200 texts, of one notice or of all.',
    args: { id: t.arg.string() },
    resolve: (_, { id }, { reader }) => listNotices(reader, id ?? null),
  }),
  consentMappings: t.field({
    type: [ConsentMappingType],
    resolve: (_, __, { reader }) => listConsentMappings(reader),
  }),
  receiptKeys: t.field({
    type: [ReceiptKeyType],
    resolve: (_, __, { reader }) => listReceiptKeys(reader),
  }),
}))

builder.mutationFields((t) => ({
  recordConsent: t.field({
    type: RecordConsentPayload,
    args: { input: t.arg({ type: RecordConsentInput, required: true }) },
    resolve: (_, { input }, { reader, actions }) =>
      outcome(() => {
        const basis = (input.basis ?? 'consent').toLowerCase()
        const { confirmedAt, ...said } = input.proof ?? {}
        const proof = confirmedAt ? { ...said, confirmedAt: confirmedAt.toISOString() } : said
        const consent = parseInput(consentInputSchema, { ...input, basis, proof })
        return actions.recordConsent(reader, consent)
      }),
  }),
  confirmConsent: t.field({
    type: ConfirmConsentPayload,
    description: 'Turns a pending grant into one that counts, once.',
    args: { input: t.arg({ type: ConfirmConsentInput, required: true }) },
    resolve: (_, { input }, { reader, actions }) =>
      outcome(() => actions.confirmConsent(reader, input.token)),
  }),
  setJurisdiction: t.field({
    type: SetJurisdictionPayload,
    description: 'Declares where a person is; what waits for them is decided by the law of there.',
    args: { input: t.arg({ type: SetJurisdictionInput, required: true }) },
    resolve: (_, { input }, { reader, actions }) =>
      outcome(async () => {
        const subject = parseInput(identifierSchema, input.subject)
        const place = parseInput(jurisdictionSchema.nullable(), input.jurisdiction ?? null)
        const { profileId } = await actions.setJurisdiction(reader, {
          subject,
          jurisdiction: place,
        })
        return (await findProfile(reader, { id: profileId })) ?? null
      }),
  }),
}))

builder.mutationFields((t) => ({
  definePurpose: t.field({
    type: DefinePurposePayload,
    description: 'Adds a purpose, or says anew what is asked of one.',
    args: { input: t.arg({ type: DefinePurposeInput, required: true }) },
    resolve: (_, { input: { doubleOptIn, ...input } }, { reader }) =>
      outcome(async () => {
        const given = { ...input, doubleOptIn: doubleOptIn ?? [] }
        const { key } = await definePurpose(reader, given)
        return (await listPurposes(reader)).find((each) => each.key === key) ?? null
      }),
  }),
  publishNotice: t.field({
    type: PublishNoticePayload,
    description:
      'Publishes a text for good. Grants for versions that it does not accept count no more.',
    args: { input: t.arg({ type: PublishNoticeInput, required: true }) },
    resolve: (_, { input }, { reader }) => outcome(() => publishNotice(reader, input)),
  }),
  defineConsentMapping: t.field({
    type: DefineConsentMappingPayload,
    description: 'Says what a consent id of another platform stands for.',
    args: { input: t.arg({ type: DefineConsentMappingInput, required: true }) },
    resolve: (_, { input: { source, targets, ...input } }, { reader }) =>
      outcome(() =>
        defineConsentMapping(reader, {
          ...input,
          sourceId: source,
          targets: targets.map(({ purpose, channels }) => ({
            purpose,
            channels: channels ?? ['*'],
          })),
        }),
      ),
  }),
  setReceiptKeys: t.field({
    type: SetReceiptKeysPayload,
    description: 'Sets the keys that OneTrust receipts have to be signed with.',
    args: { input: t.arg({ type: SetReceiptKeysInput, required: true }) },
    resolve: (_, { input: { source, publicKeys } }, { reader }) =>
      outcome(() => setReceiptKeys(reader, { sourceId: source, publicKeys })),
  }),
}))
