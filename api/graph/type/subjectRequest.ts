import { glossary } from '../../../core/model/glossary.ts'
import {
  articleOf,
  cancelReasons,
  erasureGrounds,
  extensionReasons,
  refusalReasons,
  reviewVerdicts,
  subjectRequestKinds,
  subjectRequestStates,
  upholdReasons,
  verificationLevels,
  verificationMethods,
  verificationNeeded,
  type Refusal,
  type RequestEvent,
  type SubjectRequest,
} from '../../../core/model/subjectRequest.ts'
import { listHistories } from '../../../core/read/listSubjectRequests.ts'
import { listKept } from '../../../core/subject/endRetention.ts'
import { builder } from '../builder.ts'
import { encodeId } from '../id.ts'
import { IdentifierInput } from './identifier.ts'

const upper = <Name extends string>(names: readonly Name[]) =>
  Object.fromEntries(names.map((name) => [name.toUpperCase(), { value: name }]))

export const SubjectRequestKindType = builder.enumType('SubjectRequestKind', {
  description: 'What a data subject may ask for, each with its article of the GDPR.',
  values: Object.fromEntries(
    subjectRequestKinds.map((kind) => [
      kind.toUpperCase(),
      { value: kind, description: articleOf[kind] },
    ]),
  ),
})

export const SubjectRequestStateType = builder.enumType('SubjectRequestState', {
  values: upper(subjectRequestStates),
})

const VerificationLevelType = builder.enumType('VerificationLevel', {
  description: 'How surely we know who asks, from the least to the most.',
  values: upper(verificationLevels),
})

const VerificationMethodType = builder.enumType('VerificationMethod', {
  description: 'How somebody showed who they are.',
  values: upper(verificationMethods),
})

const RefusalReasonType = builder.enumType('RefusalReason', {
  description: 'Why something is refused.',
  values: Object.fromEntries(
    Object.entries(refusalReasons).map(([reason, description]) => [
      reason.toUpperCase(),
      { value: reason, description },
    ]),
  ),
})

const ExtensionReasonType = builder.enumType('ExtensionReason', {
  description: 'Why an answer takes longer (Art. 12(3)).',
  values: upper(extensionReasons),
})

const CancelReasonType = builder.enumType('CancelReason', { values: upper(cancelReasons) })

const RefusalType = builder.objectRef<Refusal>('Refusal').implement({
  description: 'A part of what was asked for that is not done, and why.',
  fields: (t) => ({
    part: t.exposeString('part', {
      description: 'All, a part such as events, or trait:<key>.',
    }),
    reason: t.field({ type: RefusalReasonType, resolve: ({ reason }) => reason }),
    text: t.string({
      description: 'The reason in words, with its article.',
      resolve: ({ reason }) => refusalReasons[reason],
    }),
  }),
})

const RequestEventType = builder.objectRef<RequestEvent>('SubjectRequestEvent').implement({
  description: 'One line of the history of a request.',
  fields: (t) => ({
    at: t.expose('at', { type: 'DateTime' }),
    actor: t.exposeString('actor'),
    act: t.exposeString('act'),
    state: t.field({ type: SubjectRequestStateType, resolve: ({ state }) => state }),
    details: t.field({ type: 'Json', resolve: ({ details }) => details }),
  }),
})

type Retention = Awaited<ReturnType<typeof listKept>>[number][number]

const RetentionType = builder.objectRef<Retention>('Retention').implement({
  description: 'A trait that an erasure kept because a law demands it (Art. 17(3)).',
  fields: (t) => ({
    part: t.exposeString('part', { description: 'trait:<key>' }),
    reason: t.field({ type: RefusalReasonType, resolve: ({ reason }) => reason }),
    text: t.string({
      description: 'The reason in words, with its article.',
      resolve: ({ reason }) => refusalReasons[reason],
    }),
    keptAt: t.expose('keptAt', { type: 'DateTime' }),
    endedAt: t.expose('endedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was erased as well.',
    }),
    endedBy: t.exposeString('endedBy', { nullable: true }),
  }),
})

export const SubjectRequestType = builder.objectRef<SubjectRequest>('SubjectRequest').implement({
  description: glossary.subjectRequest,
  fields: (t) => ({
    id: t.id({ resolve: ({ id }) => encodeId('SubjectRequest', id) }),
    kind: t.field({ type: SubjectRequestKindType, resolve: ({ kind }) => kind }),
    article: t.string({ resolve: ({ kind }) => articleOf[kind] }),
    state: t.field({ type: SubjectRequestStateType, resolve: ({ state }) => state }),
    profiles: t.idList({
      description: 'The profiles that it is about; none when nobody was found.',
      resolve: ({ profileIds }) => profileIds.map((id) => encodeId('Profile', id)),
    }),
    jurisdiction: t.exposeString('jurisdiction', { nullable: true }),
    regulation: t.exposeString('regulation', { description: 'The law whose clocks run.' }),
    receivedAt: t.expose('receivedAt', { type: 'DateTime' }),
    acknowledgeBy: t.expose('acknowledgeBy', { type: 'DateTime', nullable: true }),
    acknowledgedAt: t.expose('acknowledgedAt', { type: 'DateTime', nullable: true }),
    dueAt: t.expose('dueAt', { type: 'DateTime' }),
    extendedAt: t.expose('extendedAt', { type: 'DateTime', nullable: true }),
    extensionReason: t.exposeString('extensionReason', { nullable: true }),
    warnedAt: t.expose('warnedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was found to fall due soon, by the deadline that runs.',
    }),
    overdueAt: t.expose('overdueAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was found to be late.',
    }),
    finishedAt: t.expose('finishedAt', { type: 'DateTime', nullable: true }),
    verification: t.field({
      type: VerificationLevelType,
      resolve: ({ verification }) => verification,
    }),
    verificationNeeded: t.field({
      type: VerificationLevelType,
      description: 'Nothing is done and nothing leaves below it.',
      resolve: ({ kind }) => verificationNeeded[kind],
    }),
    refusals: t.expose('refusals', { type: [RefusalType] }),
    acts: t.exposeInt('acts', { description: 'How often something was done to answer it.' }),
    purpose: t.exposeString('purpose', {
      nullable: true,
      description: 'What an objection is against.',
    }),
    decision: t.id({
      nullable: true,
      description: 'The decision that a review is about.',
      resolve: ({ decisionId, decisionProfileId }) =>
        decisionId === null ? null : encodeId('Decision', `${decisionProfileId}:${decisionId}`),
    }),
    trait: t.exposeString('trait', {
      nullable: true,
      description: 'The conclusion that a review is about.',
    }),
    openedBy: t.exposeString('openedBy'),
    controllerRequestId: t.exposeString('controllerRequestId', {
      nullable: true,
      description: 'What the controller calls it over OpenDSR.',
    }),
  }),
})

builder.objectFields(SubjectRequestType, (t) => ({
  kept: t.loadableList({
    type: RetentionType,
    description:
      'What its erasure kept, and why; the values are in the answer to a request for access.',
    loaderOptions: { cache: false },
    load: (ids: string[], { reader }) => listKept(reader, ids),
    resolve: ({ id }) => id,
  }),
  history: t.loadableList({
    type: RequestEventType,
    description: 'What happened to it, oldest first.',
    loaderOptions: { cache: false },
    load: (ids: string[], { reader }) => listHistories(reader, ids),
    resolve: ({ id }) => id,
  }),
}))

export const SubjectRequestConnection = builder.connectionObject({
  type: SubjectRequestType,
  name: 'SubjectRequestConnection',
})

export const SubjectRequestFilter = builder.inputType('SubjectRequestFilter', {
  fields: (t) => ({
    kind: t.field({ type: SubjectRequestKindType }),
    states: t.field({ type: [SubjectRequestStateType] }),
    dueBefore: t.field({ type: 'DateTime', description: 'Those that are open and due before.' }),
  }),
})

const ProofInput = builder.inputType('VerificationInput', {
  fields: (t) => ({
    level: t.field({ type: VerificationLevelType, required: true }),
    method: t.field({ type: VerificationMethodType, required: true }),
  }),
})

export const OpenSubjectRequestInput = builder.inputType('OpenSubjectRequestInput', {
  fields: (t) => ({
    subject: t.field({ type: IdentifierInput, required: true }),
    kind: t.field({ type: SubjectRequestKindType, required: true }),
    receivedAt: t.field({
      type: 'DateTime',
      description: 'When the person asked; now unless said. Clocks run from then.',
    }),
    purpose: t.string({ description: 'Of an objection: what it is against.' }),
    decision: t.id({ description: 'Of a review: the decision that is contested.' }),
    trait: t.string({
      description: 'Of a review: the trait that an agent concluded and the person contests.',
    }),
    verification: t.field({
      type: ProofInput,
      description: 'How the person showed who they are, where that is known at once.',
    }),
  }),
})

export const SubjectRequestIdInput = builder.inputType('SubjectRequestIdInput', {
  fields: (t) => ({ id: t.id({ required: true }) }),
})

export const VerifySubjectInput = builder.inputType('VerifySubjectInput', {
  fields: (t) => ({
    id: t.id({ required: true }),
    level: t.field({ type: VerificationLevelType, required: true }),
    method: t.field({ type: VerificationMethodType, required: true }),
  }),
})

export const ExtendSubjectRequestInput = builder.inputType('ExtendSubjectRequestInput', {
  fields: (t) => ({
    id: t.id({ required: true }),
    reason: t.field({ type: ExtensionReasonType, required: true }),
  }),
})

export const RefuseSubjectRequestPartInput = builder.inputType('RefuseSubjectRequestPartInput', {
  fields: (t) => ({
    id: t.id({ required: true }),
    part: t.string({
      required: true,
      description: 'All, a part such as events, or trait:<key>.',
    }),
    reason: t.field({ type: RefusalReasonType, required: true }),
  }),
})

export const CancelSubjectRequestInput = builder.inputType('CancelSubjectRequestInput', {
  fields: (t) => ({
    id: t.id({ required: true }),
    reason: t.field({ type: CancelReasonType, required: true }),
  }),
})

const TraitCorrectionInput = builder.inputType('TraitCorrectionInput', {
  fields: (t) => ({
    key: t.string({ required: true }),
    value: t.field({ type: 'Json', description: 'What is right; left out, the value goes.' }),
  }),
})

export const RectifySubjectInput = builder.inputType('RectifySubjectInput', {
  fields: (t) => ({
    id: t.id({ required: true }),
    traits: t.field({ type: [TraitCorrectionInput] }),
    wrongIdentifiers: t.field({
      type: [IdentifierInput],
      description:
        'What they are known by and should not be. It is taken from them, and may be somebody else’s from then on.',
    }),
    rightIdentifiers: t.field({
      type: [IdentifierInput],
      description: 'What they are known by from now on; nothing that another person has.',
    }),
  }),
})

export const LiftRestrictionInput = builder.inputType('LiftRestrictionInput', {
  fields: (t) => ({
    id: t.id({ required: true }),
    toldAt: t.field({
      type: 'DateTime',
      required: true,
      description: 'When the person was told that it will be lifted (Art. 18(3)).',
    }),
  }),
})

const ReviewVerdictType = builder.enumType('ReviewVerdict', { values: upper(reviewVerdicts) })

export const ReviewDecisionInput = builder.inputType('ReviewDecisionInput', {
  fields: (t) => ({
    id: t.id({ required: true }),
    verdict: t.field({ type: ReviewVerdictType, required: true }),
  }),
})

export const EndRetentionInput = builder.inputType('EndRetentionInput', {
  fields: (t) => ({
    id: t.id({ required: true, description: 'The request whose erasure kept it.' }),
    part: t.string({ description: 'trait:<key>; left out, all that it kept.' }),
  }),
})

const UpholdReasonType = builder.enumType('UpholdReason', {
  description: 'Why a conclusion stands after a person looked at it.',
  values: Object.fromEntries(
    Object.entries(upholdReasons).map(([reason, description]) => [
      reason.toUpperCase(),
      { value: reason, description },
    ]),
  ),
})

export const ReviewTraitInput = builder.inputType('ReviewTraitInput', {
  fields: (t) => ({
    id: t.id({ required: true }),
    verdict: t.field({ type: ReviewVerdictType, required: true }),
    reason: t.field({ type: UpholdReasonType, description: 'Of a conclusion that stands.' }),
    value: t.field({
      type: 'Json',
      description: 'Of an overturned one: what is right; left out, the value goes.',
    }),
  }),
})

export const TakeBackObjectionInput = builder.inputType('TakeBackObjectionInput', {
  fields: (t) => ({
    id: t.id({ required: true, description: 'The request for objection.' }),
    verification: t.field({ type: ProofInput, required: true }),
    verifiedAt: t.field({
      type: 'DateTime',
      description: 'When they showed who they are; left out, now.',
    }),
  }),
})

const ErasureGroundType = builder.enumType('ErasureGround', {
  description: 'The grounds of Art. 17(1).',
  values: upper(erasureGrounds),
})

export const EraseSubjectInput = builder.inputType('EraseSubjectInput', {
  fields: (t) => ({
    id: t.id({ required: true }),
    reason: t.field({ type: ErasureGroundType, required: true }),
  }),
})
