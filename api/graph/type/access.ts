import { glossary } from '../../../core/model/glossary.ts'
import type { NewSource } from '../../../core/admin/createSource.ts'
import type { PrincipalView, SourceView } from '../../../core/read/listAccess.ts'
import { builder } from '../builder.ts'
import { encodeId } from '../id.ts'

type SourceShape = Pick<SourceView, 'id' | 'name'> & Partial<Pick<NewSource, 'writeKey'>>

export const SourceType = builder.objectRef<SourceShape>('Source').implement({
  description: glossary.source,
  fields: (t) => ({
    id: t.id({ resolve: ({ id }) => encodeId('Source', id) }),
    name: t.exposeString('name'),
    writeKey: t.string({
      nullable: true,
      description: 'Shown once, when the source is created.',
      resolve: ({ writeKey }) => writeKey ?? null,
    }),
  }),
})

type PrincipalShape = Pick<PrincipalView, 'id' | 'name' | 'role' | 'purposes'> &
  Partial<Pick<PrincipalView, 'revokedAt'>>

export const PrincipalType = builder.objectRef<PrincipalShape>('Principal').implement({
  description: glossary.principal,
  fields: (t) => ({
    id: t.id({ resolve: ({ id }) => encodeId('Principal', id) }),
    name: t.exposeString('name'),
    role: t.exposeString('role'),
    purposes: t.exposeStringList('purposes'),
    revokedAt: t.field({
      type: 'DateTime',
      nullable: true,
      resolve: ({ revokedAt }) => revokedAt ?? null,
    }),
  }),
})

export const CreateSourceInput = builder.inputType('CreateSourceInput', {
  fields: (t) => ({ name: t.string({ required: true }) }),
})

export const CreatePrincipalInput = builder.inputType('CreatePrincipalInput', {
  fields: (t) => ({
    name: t.string({ required: true }),
    role: t.string({
      required: true,
      description: 'admin, app, officer, operator, auditor or metrics.',
    }),
    purposes: t.stringList({ description: 'What it may read for; a purpose covers its children.' }),
  }),
})

export const RevokePrincipalInput = builder.inputType('RevokePrincipalInput', {
  fields: (t) => ({ id: t.id({ required: true }) }),
})
