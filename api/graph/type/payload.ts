import { SlateboardError } from '../../../core/errors.ts'
import type { ActivationView } from '../../../core/read/listActivations.ts'
import type { PolicyVersionView } from '../../../core/read/listPolicyVersions.ts'
import type { NewSource } from '../../../core/admin/createSource.ts'
import { builder } from '../builder.ts'
import { ActivationType } from './activation.ts'
import { PrincipalType, SourceType } from './access.ts'
import { PolicyVersionType } from './policyVersion.ts'

interface UserError {
  code: string
  message: string
  remedy: string
  path: string[]
}

export const UserErrorType = builder.objectRef<UserError>('UserError').implement({
  description: 'Why nothing was done, and what to do about it; a payload without any was done.',
  fields: (t) => ({
    code: t.exposeString('code', { description: 'A key of the error catalogue.' }),
    message: t.exposeString('message'),
    remedy: t.exposeString('remedy'),
    path: t.exposeStringList('path', { description: 'The part of the input that is meant.' }),
  }),
})

/** What a mutation answers: its result, or the errors that kept it from having one. */
export interface Outcome<Result> {
  result: Result | null
  errors: UserError[]
}

/** Turns what the caller can mend into data; anything else is thrown on, and masked at the edge. */
export async function outcome<Result>(act: () => Promise<Result>): Promise<Outcome<Result>> {
  try {
    return { result: await act(), errors: [] }
  } catch (thrown) {
    if (thrown instanceof SlateboardError && thrown.status < 500) {
      return { result: null, errors: [asUserError(thrown)] }
    }
    throw thrown
  }
}

const asUserError = (error: SlateboardError): UserError => ({
  ...error.body(),
  path: typeof error.values['path'] === 'string' ? error.values['path'].split('.') : [],
})

export const CreateSourcePayload = builder
  .objectRef<Outcome<NewSource>>('CreateSourcePayload')
  .implement({
    fields: (t) => ({
      source: t.expose('result', { type: SourceType, nullable: true }),
      errors: t.expose('errors', { type: [UserErrorType] }),
    }),
  })

type KeyHolder = { principal: typeof PrincipalType.$inferType; key: string }

export const CreatePrincipalPayload = builder
  .objectRef<Outcome<KeyHolder>>('CreatePrincipalPayload')
  .implement({
    fields: (t) => ({
      principal: t.field({
        type: PrincipalType,
        nullable: true,
        resolve: ({ result }) => result?.principal ?? null,
      }),
      key: t.string({
        nullable: true,
        description: 'Shown this once; only its hash is kept.',
        resolve: ({ result }) => result?.key ?? null,
      }),
      errors: t.expose('errors', { type: [UserErrorType] }),
    }),
  })

export const RevokePrincipalPayload = builder
  .objectRef<Outcome<{ id: string; revokedAt: Date }>>('RevokePrincipalPayload')
  .implement({
    fields: (t) => ({
      revokedAt: t.field({
        type: 'DateTime',
        nullable: true,
        description: 'The key stops everywhere within a second.',
        resolve: ({ result }) => result?.revokedAt ?? null,
      }),
      errors: t.expose('errors', { type: [UserErrorType] }),
    }),
  })

const activationPayload = (name: string) =>
  builder.objectRef<Outcome<ActivationView | null>>(name).implement({
    fields: (t) => ({
      activation: t.field({
        type: ActivationType,
        nullable: true,
        resolve: ({ result }) => result,
      }),
      errors: t.expose('errors', { type: [UserErrorType] }),
    }),
  })

export const ProposeActivationPayload = activationPayload('ProposeActivationPayload')
export const ApproveActivationPayload = activationPayload('ApproveActivationPayload')
export const RefuseActivationPayload = activationPayload('RefuseActivationPayload')

const policyPayload = (name: string) =>
  builder.objectRef<Outcome<PolicyVersionView | null>>(name).implement({
    fields: (t) => ({
      policyVersion: t.field({
        type: PolicyVersionType,
        nullable: true,
        description: 'The version as it stands now.',
        resolve: ({ result }) => result,
      }),
      errors: t.expose('errors', { type: [UserErrorType] }),
    }),
  })

export const DraftPolicyPayload = policyPayload('DraftPolicyPayload')
export const ProposePolicyPayload = policyPayload('ProposePolicyPayload')
export const ApprovePolicyPayload = policyPayload('ApprovePolicyPayload')
export const ShadowPolicyPayload = policyPayload('ShadowPolicyPayload')
export const ActivatePolicyPayload = policyPayload('ActivatePolicyPayload')
export const RollbackPolicyPayload = policyPayload('RollbackPolicyPayload')
export const WithdrawPolicyPayload = policyPayload('WithdrawPolicyPayload')
