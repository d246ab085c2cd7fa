import { glossary } from '../../../core/model/glossary.ts'
import { policyStatuses } from '../../../core/model/policyLife.ts'
import { findPolicyVersions } from '../../../core/read/listPolicyVersions.ts'
import type { PolicyVersionView } from '../../../core/read/listPolicyVersions.ts'
import { builder } from '../builder.ts'

const PolicyStatusType = builder.enumType('PolicyStatus', {
  values: Object.fromEntries(
    policyStatuses.map((status) => [status.toUpperCase(), { value: status }]),
  ),
})

export const PolicyVersionType = builder.objectRef<PolicyVersionView>('PolicyVersion')

builder.node(PolicyVersionType, {
  description: glossary.policyVersion,
  id: { resolve: ({ number }) => String(number) },
  loadOne: async (id, { reader }) => (await findPolicyVersions(reader, [Number(id)]))[0],
  fields: (t) => ({
    number: t.exposeInt('number'),
    status: t.field({ type: PolicyStatusType, resolve: ({ status }) => status }),
    title: t.exposeString('title'),
    document: t.expose('document', {
      type: 'Json',
      nullable: true,
      description: 'The rules; null for a caller who may not read policies.',
    }),
    documentSha256: t.exposeString('documentSha256'),
    author: t.exposeString('author'),
    reason: t.exposeString('reason'),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    activatedAt: t.expose('activatedAt', { type: 'DateTime', nullable: true }),
  }),
})

export const PolicyVersionConnection = builder.connectionObject({
  type: PolicyVersionType,
  name: 'PolicyVersionConnection',
})
