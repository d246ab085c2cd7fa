import { activatePolicy } from '../../core/policy/activatePolicy.ts'
import { approvePolicy } from '../../core/policy/approvePolicy.ts'
import { draftPolicy } from '../../core/policy/draftPolicy.ts'
import { proposePolicy } from '../../core/policy/proposePolicy.ts'
import { reportPolicy } from '../../core/policy/reportPolicy.ts'
import { rollbackPolicy } from '../../core/policy/rollbackPolicy.ts'
import { shadowPolicy } from '../../core/policy/shadowPolicy.ts'
import { withdrawPolicy } from '../../core/policy/withdrawPolicy.ts'
import { findPolicyVersions, listPolicyVersions } from '../../core/read/listPolicyVersions.ts'
import { demand } from '../../core/read/reader.ts'
import type { Reader } from '../../core/read/reader.ts'
import { builder } from './builder.ts'
import { asConnection, checked } from './connection.ts'
import {
  ActivatePolicyPayload,
  ApprovePolicyPayload,
  DraftPolicyPayload,
  outcome,
  ProposePolicyPayload,
  RollbackPolicyPayload,
  ShadowPolicyPayload,
  WithdrawPolicyPayload,
} from './type/payload.ts'
import { PolicyReportType } from './type/policyReport.ts'
import {
  ActivatePolicyInput,
  ApprovePolicyInput,
  DraftPolicyInput,
  PolicyVersionConnection,
  PolicyVersionType,
  ProposePolicyInput,
  RollbackPolicyInput,
  ShadowPolicyInput,
  WithdrawPolicyInput,
} from './type/policyVersion.ts'

builder.queryFields((t) => ({
  policyVersions: t.field({
    type: PolicyVersionConnection,
    description: 'Newest first.',
    args: { first: t.arg.int(), after: t.arg.string() },
    resolve: async (_, args, { reader }) =>
      asConnection(
        await listPolicyVersions(reader, checked(args)),
        ({ number }) => String(number),
        args.after,
      ),
  }),
  policyVersion: t.field({
    type: PolicyVersionType,
    nullable: true,
    description: 'By number; null when there is none.',
    args: { number: t.arg.int({ required: true }) },
    resolve: async (_, { number }, { reader }) => {
      demand(reader, 'read', 'Policy')
      return (await findPolicyVersions(reader, [number]))[0]
    },
  }),
  policyReport: t.field({
    type: PolicyReportType,
    description:
      'What proposing a document would find, storing nothing; the difference is against the version in force unless another is given.',
    args: { document: t.arg({ type: 'Json', required: true }), against: t.arg.int() },
    resolve: (_, { document, against }, { reader }) =>
      reportPolicy(reader, document, against ?? null),
  }),
}))

/** Does it, and answers with the version as it stands then. */
const moved = (
  act: (reader: Reader, input: unknown) => Promise<number>,
  reader: Reader,
  input: unknown,
) =>
  outcome(async () => {
    const [version] = await findPolicyVersions(reader, [await act(reader, input)])
    return version ?? null
  })

builder.mutationFields((t) => ({
  draftPolicy: t.field({
    type: DraftPolicyPayload,
    description: 'Stores a document that binds nobody yet.',
    args: { input: t.arg({ type: DraftPolicyInput, required: true }) },
    resolve: (_, { input }, { reader }) => moved(draftPolicy, reader, input),
  }),
  proposePolicy: t.field({
    type: ProposePolicyPayload,
    description: 'Asks for approval; refused while a test of the document fails.',
    args: { input: t.arg({ type: ProposePolicyInput, required: true }) },
    resolve: (_, { input }, { reader }) => moved(proposePolicy, reader, input),
  }),
  approvePolicy: t.field({
    type: ApprovePolicyPayload,
    description: 'Refused to the author, and to who has approved the version already.',
    args: { input: t.arg({ type: ApprovePolicyInput, required: true }) },
    resolve: (_, { input }, { reader }) => moved(approvePolicy, reader, input),
  }),
  shadowPolicy: t.field({
    type: ShadowPolicyPayload,
    description: 'Has the gate ask a proposed version as well, and count where it differs.',
    args: { input: t.arg({ type: ShadowPolicyInput, required: true }) },
    resolve: (_, { input }, { reader }) => moved(shadowPolicy, reader, input),
  }),
  activatePolicy: t.field({
    type: ActivatePolicyPayload,
    description: 'Puts an approved version in force, on every node within a second.',
    args: { input: t.arg({ type: ActivatePolicyInput, required: true }) },
    resolve: (_, { input }, { reader }) => moved(activatePolicy, reader, input),
  }),
  rollbackPolicy: t.field({
    type: RollbackPolicyPayload,
    description: 'Puts back in force what was before, without new approvals.',
    args: { input: t.arg({ type: RollbackPolicyInput, required: true }) },
    resolve: (_, { input }, { reader }) => moved(rollbackPolicy, reader, input),
  }),
  withdrawPolicy: t.field({
    type: WithdrawPolicyPayload,
    description: 'Gives up a version that is not in force.',
    args: { input: t.arg({ type: WithdrawPolicyInput, required: true }) },
    resolve: (_, { input }, { reader }) => moved(withdrawPolicy, reader, input),
  }),
}))
