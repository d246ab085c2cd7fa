/** The records of processing activities, and where what is done differs from what is promised. */
import { findingCodes, severities, type ProcessingFinding } from '../../core/processing/finding.ts'
import type { ProcessingRecord } from '../../core/processing/record.ts'
import {
  daysDefault,
  listProcessingFindings,
  listProcessingRecords,
} from '../../core/read/listProcessing.ts'
import { builder } from './builder.ts'
import { DataClassType } from './type/traitDefinition.ts'

const upper = <Name extends string>(names: readonly Name[]) =>
  Object.fromEntries(names.map((name) => [name.toUpperCase(), { value: name }]))

const ProcessingKindType = builder.enumType('ProcessingKind', {
  values: {
    ANALYSIS: { value: 'analysis', description: 'An agent draws conclusions.' },
    SENDING: { value: 'sending', description: 'An agent proposes what leaves the platform.' },
    ACCESS: { value: 'access', description: 'A principal reads.' },
    COLLECTION: { value: 'collection', description: 'A source brings events.' },
  } as const,
})

const ObservedType = builder
  .objectRef<NonNullable<ProcessingRecord['observed']>>('ObservedProcessing')
  .implement({
    description: 'Uses that were counted; the newest half minute may be missing.',
    fields: (t) => ({
      count: t.exposeFloat('count'),
      firstAt: t.expose('firstAt', { type: 'DateTime' }),
      lastAt: t.expose('lastAt', { type: 'DateTime' }),
    }),
  })

const ProcessingRecordType = builder.objectRef<ProcessingRecord>('ProcessingRecord').implement({
  description: 'One processing activity, as Art. 30(1) GDPR wants it on record.',
  fields: (t) => ({
    id: t.exposeString('id'),
    kind: t.expose('kind', { type: ProcessingKindType }),
    who: t.exposeString('who', { description: 'agent:…, principal:… or source:….' }),
    description: t.exposeString('description'),
    purpose: t.exposeString('purpose', { nullable: true }),
    purposeDescription: t.exposeString('purposeDescription', { nullable: true }),
    legalBases: t.exposeStringList('legalBases'),
    needsConsent: t.exposeBoolean('needsConsent'),
    dataSubjects: t.exposeStringList('dataSubjects'),
    fields: t.exposeStringList('fields', { description: 'Traits, and properties of events.' }),
    dataClasses: t.expose('dataClasses', { type: [DataClassType] }),
    specialCategories: t.exposeStringList('specialCategories', {
      description: 'Traits of special categories, each with why it counts as one.',
    }),
    recipients: t.exposeStringList('recipients'),
    transfers: t.exposeString('transfers', { description: 'To third countries.' }),
    retention: t.exposeStringList('retention', { description: 'How long each trait is kept.' }),
    security: t.exposeStringList('security', {
      description: 'Technical and organisational measures.',
    }),
    state: t.exposeString('state'),
    since: t.expose('since', { type: 'DateTime' }),
    observed: t.expose('observed', { type: ObservedType, nullable: true }),
  }),
})

const ProcessingFindingType = builder.objectRef<ProcessingFinding>('ProcessingFinding').implement({
  description: 'Something done that was not promised, or promised and not done.',
  fields: (t) => ({
    code: t.expose('code', {
      type: builder.enumType('ProcessingFindingCode', { values: upper(findingCodes) }),
    }),
    severity: t.expose('severity', {
      type: builder.enumType('FindingSeverity', { values: upper(severities) }),
    }),
    who: t.exposeString('who'),
    object: t.exposeString('object', { description: 'Such as trait:email or host:example.com.' }),
    explanation: t.exposeString('explanation'),
    remedy: t.exposeString('remedy'),
    count: t.exposeFloat('count', { description: 'Uses that were counted.' }),
  }),
})

builder.queryFields((t) => ({
  processingRecords: t.field({
    type: [ProcessingRecordType],
    description: 'Generated from what is installed, permitted and counted.',
    args: { days: t.arg.int({ defaultValue: daysDefault }) },
    resolve: (_, { days }, { reader }) => listProcessingRecords(reader, days ?? daysDefault),
  }),
  processingFindings: t.field({
    type: [ProcessingFindingType],
    description: 'Where use and promise differ, the gravest first.',
    args: { days: t.arg.int({ defaultValue: daysDefault }) },
    resolve: (_, { days }, { reader }) => listProcessingFindings(reader, days ?? daysDefault),
  }),
}))
