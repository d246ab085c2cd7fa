import { glossary } from '../../../core/model/glossary.ts'
import { specialCategories } from '../../../core/model/special.ts'
import {
  dataClasses,
  mergeRules,
  type ConflictRule,
  type Sharing,
} from '../../../core/model/trait.ts'
import {
  findTraitDefinitions,
  listTraitVersions,
  type TraitDefinitionView,
  type TraitVersionView,
} from '../../../core/read/listTraitDefinitions.ts'
import { builder } from '../builder.ts'

const upper = <Name extends string>(names: readonly Name[]) =>
  Object.fromEntries(names.map((name) => [name.toUpperCase(), { value: name }]))

export const DataClassType = builder.enumType('DataClass', {
  description: 'How sensitive a value is. From CONTACT on it is kept in the vault alone.',
  values: upper(dataClasses),
})

const ConflictRuleType = builder.enumType('ConflictRule', {
  description: 'Which of two writers is heard when they do not agree.',
  values: {
    LATEST: { value: 'latest', description: 'The later word, by its own time.' },
    OWNER: { value: 'owner', description: 'The word of an owner, whenever it was said.' },
    PRIORITY: { value: 'priority', description: 'The word of the owner who is named first.' },
    CONFIDENCE: { value: 'confidence', description: 'The word said with more confidence.' },
    VOTE: {
      value: 'vote',
      description: 'Among agents the value that most of them say; else as LATEST.',
    },
    ESCALATE: {
      value: 'escalate',
      description: 'Among agents what stands, until a person decides; else as LATEST.',
    },
  } satisfies Record<Uppercase<ConflictRule>, object>,
})

const MergeRuleType = builder.enumType('MergeRule', {
  description: 'What becomes of two values when two profiles turn out to be one person.',
  values: upper(mergeRules),
})

const SpecialCategoryType = builder.enumType('SpecialCategory', {
  description: 'A special category of personal data, GDPR Art. 9(1).',
  values: upper(specialCategories),
})

interface SealingShape extends NonNullable<TraitDefinitionView['sealing']> {}

const TraitSealingType = builder.objectRef<SealingShape>('TraitSealing').implement({
  description: 'How far the values that stood in the open have been moved into the vault.',
  fields: (t) => ({
    done: t.boolean({ resolve: ({ state }) => state === 'done' }),
    dropped: t.boolean({
      description: 'A later definition made it needless.',
      resolve: ({ state }) => state === 'dropped',
    }),
    version: t.exposeInt('version', { description: 'The definition that asked for it.' }),
    profiles: t.exposeInt('profiles', { description: 'Profiles whose value was sealed.' }),
    changes: t.exposeInt('changes', { description: 'Entries of the change log likewise.' }),
    events: t.exposeInt('events', { description: 'Events likewise.' }),
    requestedAt: t.field({
      type: 'DateTime',
      resolve: ({ requestedAt }) => new Date(requestedAt),
    }),
    finishedAt: t.field({
      type: 'DateTime',
      nullable: true,
      resolve: ({ finishedAt }) => (finishedAt === null ? null : new Date(finishedAt)),
    }),
  }),
})

const SharingType = builder.objectRef<Sharing>('TraitSharing').implement({
  description: 'How several agents may write a trait; its conflict rule says who is heard.',
  fields: (t) => ({
    windowMs: t.float({
      nullable: true,
      description: "How long a word stands in the way of another agent's; null for ever.",
      resolve: ({ windowMs }) => windowMs,
    }),
    quorum: t.int({
      nullable: true,
      description: 'Of a vote: how many agents have to say a value before it replaces what stands.',
      resolve: ({ quorum }) => quorum,
    }),
  }),
})

const TraitVersionType = builder.objectRef<TraitVersionView>('TraitDefinitionVersion').implement({
  description: 'What the definition of a trait said at one time.',
  fields: (t) => ({
    version: t.exposeInt('version'),
    registered: t.exposeBoolean('registered'),
    dataClass: t.expose('dataClass', { type: DataClassType }),
    schema: t.expose('schema', { type: 'Json', nullable: true }),
    purposes: t.exposeStringList('purposes'),
    owners: t.exposeStringList('owners'),
    shares: t.expose('shares', { type: SharingType, nullable: true }),
    description: t.exposeString('description'),
    conflictRule: t.expose('conflictRule', { type: ConflictRuleType }),
    mergeRule: t.expose('mergeRule', { type: MergeRuleType }),
    freshnessMs: t.exposeFloat('freshnessMs', { nullable: true }),
    ttlMs: t.exposeFloat('ttlMs', { nullable: true }),
    infers: t.expose('infers', { type: [SpecialCategoryType], nullable: true }),
    author: t.exposeString('author'),
    reason: t.exposeString('reason'),
    at: t.expose('at', { type: 'DateTime' }),
  }),
})

export const TraitDefinitionType = builder.objectRef<TraitDefinitionView>('TraitDefinition')

builder.node(TraitDefinitionType, {
  description: glossary.traitDefinition,
  id: { resolve: ({ key }) => key },
  loadOne: async (key, { reader }) => (await findTraitDefinitions(reader, [key]))[0],
  fields: (t) => ({
    key: t.exposeString('key'),
    version: t.exposeInt('version', { description: 'Give it back when defining the next one.' }),
    registered: t.exposeBoolean('registered', {
      description:
        'False for a trait that arrived and nobody has classified; its class is a guess.',
    }),
    dataClass: t.expose('dataClass', { type: DataClassType }),
    schema: t.expose('schema', {
      type: 'Json',
      nullable: true,
      description: 'JSON Schema that every value must fit; null for any value.',
    }),
    purposes: t.exposeStringList('purposes', {
      description: 'What its values may be used for; none for every purpose.',
    }),
    effectivePurposes: t.stringList({
      nullable: true,
      description:
        'What is left of the purposes by those of every trait that its writer reads; null for every purpose, none for no use at all.',
      resolve: ({ purposes, effectivePurposes }) =>
        effectivePurposes ?? (purposes.length === 0 ? null : purposes),
    }),
    infers: t.expose('infers', {
      type: [SpecialCategoryType],
      nullable: true,
      description:
        'Special categories that the values tell something of; null where nobody said, none where an officer said that they tell nothing.',
    }),
    specialBecause: t.exposeStringList('specialBy', {
      description:
        'Why rules and the gate take the values for special whatever their class, such as infers:health or trait:diagnosis.',
    }),
    owner: t.exposeString('owner', {
      nullable: true,
      description: 'The agent that brought it, and alone may write it unless it is shared.',
    }),
    owners: t.exposeStringList('owners', {
      description: 'Whose word counts under the conflict rules OWNER and PRIORITY.',
    }),
    description: t.exposeString('description'),
    conflictRule: t.expose('conflictRule', { type: ConflictRuleType }),
    mergeRule: t.expose('mergeRule', { type: MergeRuleType }),
    freshnessMs: t.exposeFloat('freshnessMs', {
      nullable: true,
      description: 'A value written longer ago is shown as stale.',
    }),
    ttlMs: t.exposeFloat('ttlMs', {
      nullable: true,
      description: 'A value written longer ago is no longer shown or used.',
    }),
    author: t.exposeString('author'),
    firstSource: t.exposeString('firstSource', {
      nullable: true,
      description: 'Id of the source that a trait which nobody registered was first seen from.',
    }),
    firstSeenAt: t.expose('createdAt', { type: 'DateTime' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime' }),
    sealing: t.expose('sealing', {
      type: TraitSealingType,
      nullable: true,
      description: 'Of values that stood in the open before the trait was classified.',
    }),
    history: t.loadableList({
      type: TraitVersionType,
      description: 'Newest first, at most a hundred.',
      load: (keys: string[], { reader }) => listTraitVersions(reader, keys, 100),
      resolve: ({ key }) => key,
    }),
  }),
})

export const TraitDefinitionConnection = builder.connectionObject({
  type: TraitDefinitionType,
  name: 'TraitDefinitionConnection',
})

export const TraitDefinitionFilter = builder.inputType('TraitDefinitionFilter', {
  fields: (t) => ({
    registered: t.boolean({ description: 'False lists what waits to be classified.' }),
    dataClass: t.field({ type: DataClassType }),
  }),
})

export const DefineTraitInput = builder.inputType('DefineTraitInput', {
  fields: (t) => ({
    key: t.string({ required: true }),
    version: t.int({ description: 'The version that is looked at; none for a new trait.' }),
    dataClass: t.field({ type: DataClassType, required: true }),
    schema: t.field({ type: 'Json' }),
    purposes: t.stringList(),
    infers: t.field({
      type: [SpecialCategoryType],
      description:
        'Left out, what was said before stands. An empty list says, for the reason given, that the values tell nothing of the kind, whatever their writer reads.',
    }),
    owners: t.stringList({ description: 'Such as source:<id> or agent:<plugin>/<agent>.' }),
    description: t.string(),
    conflictRule: t.field({ type: ConflictRuleType }),
    mergeRule: t.field({ type: MergeRuleType }),
    freshnessMs: t.float(),
    ttlMs: t.float(),
    reason: t.string({ required: true, description: 'For those who read the history.' }),
  }),
})

builder.objectField(TraitDefinitionType, 'shares', (t) =>
  t.expose('shares', {
    type: SharingType,
    nullable: true,
    description: 'That agents beside its owner may write it; null where none may.',
  }),
)
