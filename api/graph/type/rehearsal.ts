import { parts, verdicts } from '../../../core/plugin/rehearse/difference.ts'
import type { Rehearsal } from '../../../core/plugin/rehearse/rehearsePlugin.ts'
import type { AgentReport, DifferenceCount } from '../../../core/plugin/rehearse/report.ts'
import type { ShownDifference, ShownExample } from '../../../core/plugin/rehearse/show.ts'
import { builder } from '../builder.ts'

const named = <Name extends string>(names: readonly Name[]) =>
  Object.fromEntries(names.map((name) => [name.toUpperCase(), { value: name }]))

const VerdictType = builder.enumType('RehearsalVerdict', { values: named(verdicts) })
const PartType = builder.enumType('RehearsalPart', { values: named(parts) })
const KindType = builder.enumType('RehearsalDifferenceKind', {
  values: named(['added', 'removed', 'changed'] as const),
})

const CountType = builder.objectRef<DifferenceCount>('RehearsalDifferenceCount').implement({
  fields: (t) => ({
    part: t.expose('part', { type: PartType }),
    key: t.exposeString('key'),
    kind: t.expose('kind', { type: KindType }),
    count: t.exposeInt('count'),
  }),
})

const bothFailed = 'Of `same`: failed in both versions, in the same way.'
const denied = 'Asked the host for something, which a rehearsal denies to both versions.'

const AgentRehearsalType = builder.objectRef<AgentReport>('AgentRehearsal').implement({
  fields: (t) => ({
    agent: t.exposeString('agent'),
    isNew: t.exposeBoolean('isNew', {
      description: 'What it does is held against nothing being done.',
    }),
    reactions: t.exposeInt('reactions', {
      description: 'What lately woke it, or would have.',
    }),
    isCut: t.exposeBoolean('isCut', {
      description: 'A version hung or ran out of memory too often, or there was no time left.',
    }),
    compared: t.exposeInt('compared'),
    same: t.exposeInt('same'),
    changed: t.exposeInt('changed'),
    onlyNewFailed: t.exposeInt('onlyNewFailed'),
    onlyOldFailed: t.exposeInt('onlyOldFailed'),
    bothFailed: t.exposeInt('bothFailed', { description: bothFailed }),
    denied: t.exposeInt('denied', { description: denied }),
    differences: t.expose('differences', { type: [CountType], description: 'The most frequent.' }),
  }),
})

const DifferenceType = builder.objectRef<ShownDifference>('RehearsalDifference').implement({
  fields: (t) => ({
    part: t.expose('part', { type: PartType }),
    key: t.exposeString('key'),
    kind: t.expose('kind', { type: KindType }),
    old: t.exposeString('old', { nullable: true, description: 'JSON, cut where it is long.' }),
    new: t.string({ nullable: true, resolve: ({ next }) => next }),
    isShown: t.exposeBoolean('isShown', {
      description:
        'False where values are withheld: of all but traits, of a trait that the caller may not see, and of one that the new version may have made of what the caller may not see.',
    }),
  }),
})

const ExampleType = builder.objectRef<ShownExample>('RehearsalExample').implement({
  fields: (t) => ({
    agent: t.exposeString('agent'),
    profileId: t.exposeID('profileId'),
    verdict: t.expose('verdict', { type: VerdictType }),
    oldFailure: t.string({ nullable: true, resolve: ({ failures }) => failures.old }),
    newFailure: t.string({
      nullable: true,
      description: 'Values of the input are masked in it.',
      resolve: ({ failures }) => failures.next,
    }),
    differences: t.expose('differences', { type: [DifferenceType] }),
  }),
})

export const RehearsalType = builder.objectRef<Rehearsal>('PluginRehearsal').implement({
  description: 'What a version would have done otherwise than the one in service.',
  fields: (t) => ({
    plugin: t.exposeString('plugin'),
    version: t.exposeString('version'),
    digest: t.exposeString('digest'),
    base: t.exposeString('base', { nullable: true, description: 'The version in service.' }),
    reactions: t.exposeInt('reactions'),
    compared: t.exposeInt('compared'),
    same: t.exposeInt('same'),
    changed: t.exposeInt('changed'),
    onlyNewFailed: t.exposeInt('onlyNewFailed'),
    onlyOldFailed: t.exposeInt('onlyOldFailed'),
    bothFailed: t.exposeInt('bothFailed', { description: bothFailed }),
    denied: t.exposeInt('denied', { description: denied }),
    agents: t.expose('agents', { type: [AgentRehearsalType] }),
    gone: t.exposeStringList('gone', { description: 'Agents that the new version does not have.' }),
    examples: t.expose('examples', { type: [ExampleType], description: 'At most 20.' }),
  }),
})
