/** What data subjects ask for, and what officers do about it. */
import type { SubjectRequest } from '../../core/model/subjectRequest.ts'
import { findSubjectRequest, listSubjectRequests } from '../../core/read/listSubjectRequests.ts'
import {
  acknowledgeRequest,
  cancelRequest,
  completeRequest,
  extendRequest,
  refuseRequestPart,
  verifySubject,
} from '../../core/subject/handleRequest.ts'
import { endRetention } from '../../core/subject/endRetention.ts'
import { eraseByRequest } from '../../core/subject/eraseRequest.ts'
import { openRequest } from '../../core/subject/openRequest.ts'
import {
  liftRestriction,
  recordObjection,
  restrictSubject,
  reviewDecision,
  takeBackObjection,
} from '../../core/subject/protect.ts'
import { rectifySubject } from '../../core/subject/rectify.ts'
import { liftTraitPin, reviewTrait } from '../../core/subject/reviewTrait.ts'
import { builder } from './builder.ts'
import { asConnection, checked } from './connection.ts'
import { idOf, rowKeyOf } from './id.ts'
import { outcome, UserErrorType, type Outcome } from './type/payload.ts'
import {
  CancelSubjectRequestInput,
  EndRetentionInput,
  EraseSubjectInput,
  ExtendSubjectRequestInput,
  LiftRestrictionInput,
  OpenSubjectRequestInput,
  RectifySubjectInput,
  RefuseSubjectRequestPartInput,
  ReviewDecisionInput,
  ReviewTraitInput,
  SubjectRequestConnection,
  SubjectRequestFilter,
  SubjectRequestIdInput,
  SubjectRequestType,
  TakeBackObjectionInput,
  VerifySubjectInput,
} from './type/subjectRequest.ts'

/** The payload of every mutation that answers with the request as it stands afterwards. */
const payload = (name: string) =>
  builder.objectRef<Outcome<SubjectRequest>>(name).implement({
    fields: (t) => ({
      subjectRequest: t.expose('result', {
        type: SubjectRequestType,
        nullable: true,
        description: 'As it stands afterwards.',
      }),
      errors: t.expose('errors', { type: [UserErrorType] }),
    }),
  })

const requestIdOf = (id: string): string => idOf('SubjectRequest', id)

builder.queryFields((t) => ({
  subjectRequests: t.field({
    type: SubjectRequestConnection,
    description: 'Newest first.',
    args: {
      filter: t.arg({ type: SubjectRequestFilter }),
      first: t.arg.int(),
      after: t.arg.string(),
    },
    resolve: async (_, { filter, ...page }, { reader }) => {
      const found = await listSubjectRequests(reader, filter ?? {}, checked(page))
      return asConnection(found, ({ id }) => id, page.after)
    },
  }),
  subjectRequest: t.field({
    type: SubjectRequestType,
    nullable: true,
    args: { id: t.arg.id({ required: true }) },
    resolve: (_, { id }, { reader }) => findSubjectRequest(reader, requestIdOf(id)),
  }),
}))

const OpenPayload = payload('OpenSubjectRequestPayload')
const AcknowledgePayload = payload('AcknowledgeSubjectRequestPayload')
const VerifyPayload = payload('VerifySubjectPayload')
const ExtendPayload = payload('ExtendSubjectRequestPayload')
const RefusePayload = payload('RefuseSubjectRequestPartPayload')
const CompletePayload = payload('CompleteSubjectRequestPayload')
const CancelPayload = payload('CancelSubjectRequestPayload')

builder.mutationFields((t) => ({
  openSubjectRequest: t.field({
    type: OpenPayload,
    description: 'Takes in what a person asks for; its clocks run from when they asked.',
    args: { input: t.arg({ type: OpenSubjectRequestInput, required: true }) },
    resolve: (_, { input: { decision, ...input } }, { reader }) =>
      outcome(() =>
        openRequest(reader, {
          ...input,
          ...(decision == null ? {} : { decision: rowKeyOf(idOf('Decision', decision)) }),
        }),
      ),
  }),
  acknowledgeSubjectRequest: t.field({
    type: AcknowledgePayload,
    description: 'The person was told that their request arrived, and who they have to show to be.',
    args: { input: t.arg({ type: SubjectRequestIdInput, required: true }) },
    resolve: (_, { input: { id } }, { reader }) =>
      outcome(async () => acknowledgeRequest(reader, requestIdOf(id))),
  }),
  verifySubject: t.field({
    type: VerifyPayload,
    description:
      'The person showed who they are. Once they are known well enough, they are answered.',
    args: { input: t.arg({ type: VerifySubjectInput, required: true }) },
    resolve: (_, { input: { id, ...proof } }, { reader }) =>
      outcome(async () => verifySubject(reader, { id: requestIdOf(id), ...proof })),
  }),
  extendSubjectRequest: t.field({
    type: ExtendPayload,
    description: 'More time, once, before the first is up, as far as the law lets it.',
    args: { input: t.arg({ type: ExtendSubjectRequestInput, required: true }) },
    resolve: (_, { input: { id, reason } }, { reader }) =>
      outcome(async () => extendRequest(reader, { id: requestIdOf(id), reason })),
  }),
  refuseSubjectRequestPart: t.field({
    type: RefusePayload,
    description: 'Leaves a part out of the answer, with the reason. All of it ends the request.',
    args: { input: t.arg({ type: RefuseSubjectRequestPartInput, required: true }) },
    resolve: (_, { input: { id, part, reason } }, { reader }) =>
      outcome(async () => refuseRequestPart(reader, { id: requestIdOf(id), part, reason })),
  }),
  completeSubjectRequest: t.field({
    type: CompletePayload,
    description:
      'The request was answered: completed, in part, or refused, by what was done and what was refused.',
    args: { input: t.arg({ type: SubjectRequestIdInput, required: true }) },
    resolve: (_, { input: { id } }, { reader }) =>
      outcome(async () => completeRequest(reader, requestIdOf(id))),
  }),
  cancelSubjectRequest: t.field({
    type: CancelPayload,
    args: { input: t.arg({ type: CancelSubjectRequestInput, required: true }) },
    resolve: (_, { input: { id, reason } }, { reader }) =>
      outcome(async () => cancelRequest(reader, { id: requestIdOf(id), reason })),
  }),
}))

const RectifyPayload = payload('RectifySubjectPayload')
const RestrictPayload = payload('RestrictSubjectPayload')
const LiftPayload = payload('LiftRestrictionPayload')
const ObjectPayload = payload('RecordObjectionPayload')
const TakeBackPayload = payload('TakeBackObjectionPayload')
const ReviewPayload = payload('ReviewDecisionPayload')
const ReviewTraitPayload = payload('ReviewTraitPayload')
const LiftPinPayload = payload('LiftTraitPinPayload')
const ErasePayload = payload('EraseSubjectPayload')
const EndPayload = payload('EndRetentionPayload')

// What answers a request; completing it comes afterwards.
builder.mutationFields((t) => ({
  rectifySubject: t.field({
    type: RectifyPayload,
    description:
      'Writes what the person says about themself over what was known, and puts right what they are known by (Art. 16).',
    args: { input: t.arg({ type: RectifySubjectInput, required: true }) },
    resolve: (_, { input: { id, traits, ...identifiers } }, { reader }) =>
      outcome(async () =>
        rectifySubject(reader, {
          id: requestIdOf(id),
          traits: Object.fromEntries((traits ?? []).map(({ key, value }) => [key, value ?? null])),
          wrongIdentifiers: identifiers.wrongIdentifiers ?? [],
          rightIdentifiers: identifiers.rightIdentifiers ?? [],
        }),
      ),
  }),
  restrictSubject: t.field({
    type: RestrictPayload,
    description: 'From now on the data is kept and otherwise left alone (Art. 18).',
    args: { input: t.arg({ type: SubjectRequestIdInput, required: true }) },
    resolve: (_, { input: { id } }, { reader }) =>
      outcome(async () => restrictSubject(reader, requestIdOf(id))),
  }),
  liftRestriction: t.field({
    type: LiftPayload,
    description: 'Ends what a request for restriction began, after the person was told so.',
    args: { input: t.arg({ type: LiftRestrictionInput, required: true }) },
    resolve: (_, { input: { id, toldAt } }, { reader }) =>
      outcome(async () => liftRestriction(reader, { id: requestIdOf(id), toldAt })),
  }),
  recordObjection: t.field({
    type: ObjectPayload,
    description: 'From now on nothing is done for the purpose that the request names (Art. 21).',
    args: { input: t.arg({ type: SubjectRequestIdInput, required: true }) },
    resolve: (_, { input: { id } }, { reader }) =>
      outcome(async () => recordObjection(reader, requestIdOf(id))),
  }),
  reviewDecision: t.field({
    type: ReviewPayload,
    description:
      'A person looked at the decision (Art. 22). Overturned, it is taken back or decided again.',
    args: { input: t.arg({ type: ReviewDecisionInput, required: true }) },
    resolve: (_, { input: { id, verdict } }, { reader }) =>
      outcome(async () => reviewDecision(reader, { id: requestIdOf(id), verdict })),
  }),
  eraseSubject: t.field({
    type: ErasePayload,
    description:
      'Erases the person (Art. 17) but for traits that the request refuses to erase; the history names the signed receipt.',
    args: { input: t.arg({ type: EraseSubjectInput, required: true }) },
    resolve: (_, { input: { id, reason } }, { reader }) =>
      outcome(async () => eraseByRequest(reader, { id: requestIdOf(id), reason })),
  }),
  endRetention: t.field({
    type: EndPayload,
    description: 'Erases what an erasure kept, because the reason for it has ended.',
    args: { input: t.arg({ type: EndRetentionInput, required: true }) },
    resolve: (_, { input: { id, part } }, { reader }) =>
      outcome(async () => endRetention(reader, { id: requestIdOf(id), part })),
  }),
}))

// What goes on after a request was answered, or is answered by looking at a conclusion.
builder.mutationFields((t) => ({
  takeBackObjection: t.field({
    type: TakeBackPayload,
    description:
      'The person takes back what the request objects to. It grants nothing: denials and opt-outs stand.',
    args: { input: t.arg({ type: TakeBackObjectionInput, required: true }) },
    resolve: (_, { input: { id, ...given } }, { reader }) =>
      outcome(async () => takeBackObjection(reader, { id: requestIdOf(id), ...given })),
  }),
  reviewTrait: t.field({
    type: ReviewTraitPayload,
    description:
      'A person looked at what an agent concluded (Art. 22). Overturned, the value goes or theirs stands, and no agent writes the trait until that is lifted.',
    args: { input: t.arg({ type: ReviewTraitInput, required: true }) },
    resolve: (_, { input: { id, ...given } }, { reader }) =>
      outcome(async () => reviewTrait(reader, { id: requestIdOf(id), ...given })),
  }),
  liftTraitPin: t.field({
    type: LiftPinPayload,
    description: 'Agents may again write the trait that the request pinned; the value stays.',
    args: { input: t.arg({ type: SubjectRequestIdInput, required: true }) },
    resolve: (_, { input: { id } }, { reader }) =>
      outcome(async () => liftTraitPin(reader, requestIdOf(id))),
  }),
}))
