import {
  approvePlan,
  editTask,
  pauseObjective,
  resumeObjective,
  retryTask,
  skipTask,
  stopObjective,
} from '../../core/objective/changeObjective.ts'
import { createObjective } from '../../core/objective/createObjective.ts'
import { listObjectives, type ObjectiveRow } from '../../core/read/listObjectives.ts'
import { listPerformers } from '../../core/read/listPerformers.ts'
import type { Reader } from '../../core/read/reader.ts'
import { builder } from './builder.ts'
import { idOf, rowKeyOf } from './id.ts'
import { PerformerType } from './type/performer.ts'
import { DirectionType, ObjectiveType } from './type/objective.ts'
import { outcome, UserErrorType, type Outcome } from './type/payload.ts'

const CreateObjectiveInput = builder.inputType('CreateObjectiveInput', {
  description: 'With either target or changeBy.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'Agents may be woken by it.' }),
    purpose: t.string({ required: true, description: 'What the data is measured for.' }),
    metric: t.field({
      type: 'Json',
      required: true,
      description:
        '{ kind: "average" or "sum", trait }, { kind: "ratio", trait, over } or { kind: "share", holds }; with `where` of some persons only, in the words of policies.',
    }),
    target: t.float(),
    changeBy: t.float({ description: 'Such as 0.2 for a fifth more than now.' }),
    direction: t.field({
      type: DirectionType,
      description: 'Where it is to lie beside the target; default UP.',
    }),
    brief: t.field({ type: 'Json', description: 'What planners are told; name no person in it.' }),
    budgets: t.stringList({ description: 'Budgets that performers see.' }),
    deadline: t.field({ type: 'DateTime', required: true }),
    roundsMax: t.int({ description: 'How often it is planned; default 3.' }),
    approvesPlans: t.boolean({ description: 'Whether each plan waits until a person agrees.' }),
    settlingMs: t.float({ description: 'How long after its last task a round is measured.' }),
    isDraft: t.boolean({ description: 'Whether it waits until it is resumed.' }),
  }),
})

const keyOnly = (name: string) =>
  builder.inputType(name, { fields: (t) => ({ id: t.id({ required: true }) }) })

const EditTaskInput = builder.inputType('EditTaskInput', {
  fields: (t) => ({
    id: t.id({ required: true }),
    input: t.field({ type: 'Json', required: true }),
  }),
})

const payload = (name: string) =>
  builder.objectRef<Outcome<ObjectiveRow | null>>(name).implement({
    fields: (t) => ({
      objective: t.field({ type: ObjectiveType, nullable: true, resolve: ({ result }) => result }),
      errors: t.expose('errors', { type: [UserErrorType] }),
    }),
  })

/** The objective as it stands after what was done to it. */
const after = (reader: Reader, act: () => Promise<string>) =>
  outcome(async () => (await listObjectives(reader, await act()))[0] ?? null)

const taskKeyOf = (globalId: string) => {
  const { profileId: objectiveId, id } = rowKeyOf(idOf('Task', globalId))
  return { objectiveId, id }
}

/** Without what was left out, so that defaults apply. */
const given = (input: object): object =>
  Object.fromEntries(Object.entries(input).filter(([, value]) => value !== null))

builder.queryFields((t) => ({
  objectives: t.field({
    type: [ObjectiveType],
    description: 'The newest hundred.',
    resolve: (_, __, { reader }) => listObjectives(reader),
  }),
  performers: t.field({
    type: [PerformerType],
    description: 'What can do tasks, and how well it did lately.',
    resolve: (_, __, { reader }) => listPerformers(reader),
  }),
  objective: t.field({
    type: ObjectiveType,
    nullable: true,
    args: { id: t.arg.id({ required: true }) },
    resolve: async (_, { id }, { reader }) =>
      (await listObjectives(reader, idOf('Objective', id)))[0] ?? null,
  }),
}))

builder.mutationField('createObjective', (t) =>
  t.field({
    type: payload('CreateObjectivePayload'),
    description: 'Sets an objective and has a plan made for it; it is measured at once.',
    args: { input: t.arg({ type: CreateObjectiveInput, required: true }) },
    resolve: (_, { input }, { reader }) =>
      after(reader, () => createObjective(reader, given(input))),
  }),
)

builder.mutationFields((t) => ({
  pauseObjective: t.field({
    type: payload('PauseObjectivePayload'),
    description: 'Nobody begins a task of it; what is under way is taken when it is done.',
    args: { input: t.arg({ type: keyOnly('PauseObjectiveInput'), required: true }) },
    resolve: (_, { input: { id } }, { reader }) =>
      after(reader, () => pauseObjective(reader, idOf('Objective', id))),
  }),
  resumeObjective: t.field({
    type: payload('ResumeObjectivePayload'),
    description: 'Lets a draft begin, or one that was paused go on.',
    args: { input: t.arg({ type: keyOnly('ResumeObjectiveInput'), required: true }) },
    resolve: (_, { input: { id } }, { reader }) =>
      after(reader, () => resumeObjective(reader, idOf('Objective', id))),
  }),
  stopObjective: t.field({
    type: payload('StopObjectivePayload'),
    description: 'Ends it for good, with all of its tasks.',
    args: { input: t.arg({ type: keyOnly('StopObjectiveInput'), required: true }) },
    resolve: (_, { input: { id } }, { reader }) =>
      after(reader, () => stopObjective(reader, idOf('Objective', id))),
  }),
  approvePlan: t.field({
    type: payload('ApprovePlanPayload'),
    description: 'Agrees to the plan of an objective that waits for it.',
    args: { input: t.arg({ type: keyOnly('ApprovePlanInput'), required: true }) },
    resolve: (_, { input: { id } }, { reader }) =>
      after(reader, () => approvePlan(reader, idOf('Objective', id))),
  }),
}))

builder.mutationFields((t) => ({
  editTask: t.field({
    type: payload('EditTaskPayload'),
    description: 'Has a task that has not begun begin with another input.',
    args: { input: t.arg({ type: EditTaskInput, required: true }) },
    resolve: (_, { input: { id, input } }, { reader }) =>
      after(reader, () => editTask(reader, taskKeyOf(id), input)),
  }),
  skipTask: t.field({
    type: payload('SkipTaskPayload'),
    description: 'Leaves a task out; what waits for it goes on.',
    args: { input: t.arg({ type: keyOnly('SkipTaskInput'), required: true }) },
    resolve: (_, { input: { id } }, { reader }) =>
      after(reader, () => skipTask(reader, taskKeyOf(id))),
  }),
  retryTask: t.field({
    type: payload('RetryTaskPayload'),
    description: 'Has a halted task tried again, by anybody who offers its skill.',
    args: { input: t.arg({ type: keyOnly('RetryTaskInput'), required: true }) },
    resolve: (_, { input: { id } }, { reader }) =>
      after(reader, () => retryTask(reader, taskKeyOf(id))),
  }),
}))
