import { glossary } from '../../../core/model/glossary.ts'
import type { IdentifierView } from '../../../core/read/listIdentifiers.ts'
import { builder } from '../builder.ts'
import { RedactionType } from './trait.ts'

export const IdentifierInput = builder.inputType('IdentifierInput', {
  description: glossary.identifier,
  fields: (t) => ({
    namespace: t.string({ required: true, description: 'Such as user_id, email, anonymous_id.' }),
    value: t.string({ required: true }),
  }),
})

export const IdentifierType = builder.objectRef<IdentifierView>('Identifier').implement({
  description: glossary.identifier,
  fields: (t) => ({
    namespace: t.exposeString('namespace'),
    value: t.exposeString('value', { nullable: true, description: 'Null when withheld.' }),
    firstSeenAt: t.expose('firstSeenAt', { type: 'DateTime' }),
    redaction: t.expose('redaction', {
      type: RedactionType,
      nullable: true,
      description: 'Why the value is withheld.',
    }),
  }),
})
