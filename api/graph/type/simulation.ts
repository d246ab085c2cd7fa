import { glossary } from '../../../core/model/glossary.ts'
import {
  simulationStates,
  type DecisionExample,
  type DecisionImpact,
  type ProfileImpact,
  type SimulatedCaller,
  type SimulatedTarget,
  type SimulationResult,
} from '../../../core/model/simulation.ts'
import { findExample } from '../../../core/read/findSimulation.ts'
import type { SimulationView } from '../../../core/read/findSimulation.ts'
import { builder } from '../builder.ts'
import { encodeId, rowIdOf } from '../id.ts'
import { ProfileType } from './profile.ts'

const SimulationStateType = builder.enumType('SimulationState', {
  values: Object.fromEntries(
    simulationStates.map((state) => [state.toUpperCase(), { value: state }]),
  ),
})

const ProgressType = builder
  .objectRef<Pick<SimulationView, 'done' | 'total'>>('SimulationProgress')
  .implement({
    description: 'Profiles and recorded decisions gone through, and how many there are.',
    fields: (t) => ({ done: t.exposeInt('done'), total: t.exposeInt('total') }),
  })

const CallerType = builder.objectRef<SimulatedCaller>('SimulatedCaller').implement({
  fields: (t) => ({
    kind: t.exposeString('kind', { description: '`role` or `agent`.' }),
    name: t.exposeString('name', { description: 'A role, or `plugin/agent`.' }),
  }),
})

const TargetType = builder.objectRef<SimulatedTarget>('SimulatedTarget').implement({
  fields: (t) => ({
    kind: t.exposeString('kind', {
      description: '`profile`, `class`, `trait`, `identifier` or `channel`.',
    }),
    name: t.exposeString('name', {
      description: 'The data class, trait key, namespace or channel; empty for the profile itself.',
    }),
  }),
})

const ExampleType = builder.objectRef<{ id: string }>('SimulatedProfile').implement({
  description: 'One of the profiles counted. What it shows, it shows as to every other question.',
  fields: (t) => ({
    id: t.id({ resolve: ({ id }) => encodeId('Profile', id) }),
    profile: t.field({
      type: ProfileType,
      nullable: true,
      description: 'Null for a caller who may not see this profile.',
      resolve: ({ id }, _, { reader }) => findExample(reader, id),
    }),
  }),
})

const asExamples = (ids: readonly string[]): { id: string }[] => ids.map((id) => ({ id }))

const ProfileImpactType = builder.objectRef<ProfileImpact>('ProfileImpact').implement({
  description: 'What somebody would gain or lose, and of how many profiles.',
  fields: (t) => ({
    sentence: t.exposeString('sentence'),
    caller: t.expose('caller', { type: CallerType }),
    action: t.exposeString('action', { description: '`read`, `send` or `activate`.' }),
    purpose: t.exposeString('purpose', { nullable: true }),
    target: t.expose('target', { type: TargetType }),
    gained: t.exposeInt('gained'),
    lost: t.exposeInt('lost'),
    unchanged: t.exposeInt('unchanged', {
      description: 'Profiles that have such a value and of which nothing changes.',
    }),
    gainedExamples: t.field({
      type: [ExampleType],
      resolve: ({ examples }) => asExamples(examples.gained),
    }),
    lostExamples: t.field({
      type: [ExampleType],
      resolve: ({ examples }) => asExamples(examples.lost),
    }),
  }),
})

const DecisionExampleType = builder.objectRef<DecisionExample>('SimulatedDecision').implement({
  fields: (t) => ({
    activationId: t.id({
      resolve: ({ profileId, activationId: id }) =>
        encodeId('Activation', rowIdOf({ profileId, id })),
    }),
    decisionId: t.id({
      resolve: ({ profileId, decisionId: id }) => encodeId('Decision', rowIdOf({ profileId, id })),
    }),
    before: t.exposeString('before', { description: 'Under the policy in force.' }),
    after: t.exposeString('after', { description: 'Under the candidate.' }),
  }),
})

const DecisionImpactType = builder.objectRef<DecisionImpact>('DecisionImpact').implement({
  description: 'Activations that were decided, judged again under the candidate.',
  fields: (t) => ({
    sentence: t.exposeString('sentence'),
    proposer: t.expose('proposer', { type: CallerType }),
    purpose: t.exposeString('purpose'),
    channel: t.exposeString('channel'),
    wouldAllow: t.exposeInt('wouldAllow', { description: 'Refused now, and not then.' }),
    wouldHold: t.int({
      description: 'Would wait for a person, or for something to end.',
      // Simulations of earlier releases did not tell these apart.
      resolve: (impact) => ('wouldHold' in impact ? impact.wouldHold : 0),
    }),
    wouldRefuse: t.exposeInt('wouldRefuse'),
    unchanged: t.exposeInt('unchanged'),
    examples: t.expose('examples', { type: [DecisionExampleType] }),
  }),
})

const DecisionsType = builder
  .objectRef<SimulationResult['decisions']>('SimulatedDecisions')
  .implement({
    description:
      'Recorded decisions of the last days. Consent, standing and all else that no policy decides is taken as recorded; both policies are asked about the profile as it is now, since decisions keep no copy of it.',
    fields: (t) => ({
      days: t.exposeInt('days'),
      looked: t.exposeInt('looked'),
      isCut: t.exposeBoolean('isCut', {
        description: 'There were more; the newest were looked at.',
      }),
      drifted: t.exposeInt('drifted', {
        description:
          'Decisions that end otherwise than recorded already under the policy in force, because the profile or the policy changed since.',
      }),
      impacts: t.expose('impacts', { type: [DecisionImpactType] }),
    }),
  })

export const PolicySimulationType = builder.objectRef<SimulationView>('PolicySimulation')

PolicySimulationType.implement({
  description: glossary.simulation,
  fields: (t) => ({
    id: t.id({ resolve: ({ id }) => encodeId('PolicySimulation', id) }),
    state: t.field({ type: SimulationStateType, resolve: ({ state }) => state }),
    progress: t.field({ type: ProgressType, resolve: (simulation) => simulation }),
    candidate: t.exposeInt('candidate', {
      nullable: true,
      description: 'Number of the version; null for a document that is none.',
    }),
    candidateSha256: t.exposeString('candidateSha256'),
    base: t.exposeInt('base', {
      nullable: true,
      description: 'The version in force, which it was compared with.',
    }),
    requestedBy: t.exposeString('requestedBy'),
    startedAt: t.expose('startedAt', { type: 'DateTime' }),
    finishedAt: t.expose('finishedAt', { type: 'DateTime', nullable: true }),
    failure: t.exposeString('failure', {
      nullable: true,
      description: 'A code: `node_stopped`, `node_lost`, or a key of the error catalogue.',
    }),
    profiles: t.int({
      nullable: true,
      description: 'Profiles looked at; 0 where no rights differ, and so none had to be.',
      resolve: ({ result }) => result?.profiles ?? null,
    }),
    compared: t.int({
      nullable: true,
      description: 'Combinations of caller, action, purpose and value that were compared.',
      resolve: ({ result }) => result?.compared ?? null,
    }),
    personalRules: t.stringList({
      nullable: true,
      description:
        'Rules that ask which principal asks. Roles are compared as if nothing were known of the principal: such a permit gives nothing, such a forbid always holds.',
      resolve: ({ result }) => result?.personalRules ?? null,
    }),
    impacts: t.field({
      type: [ProfileImpactType],
      nullable: true,
      description: 'Null until it is done.',
      resolve: ({ result }) => result?.impacts ?? null,
    }),
    decisions: t.field({
      type: DecisionsType,
      nullable: true,
      resolve: ({ result }) => result?.decisions ?? null,
    }),
  }),
})

export const SimulatePolicyInput = builder.inputType('SimulatePolicyInput', {
  description: 'Either the number of a version, or a document.',
  fields: (t) => ({
    number: t.int(),
    document: t.field({ type: 'Json' }),
    days: t.int({ description: 'How far back recorded decisions are looked at; 30 if left out.' }),
  }),
})

export const CancelSimulationInput = builder.inputType('CancelSimulationInput', {
  fields: (t) => ({ id: t.id({ required: true }) }),
})
