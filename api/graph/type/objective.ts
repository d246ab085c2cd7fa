import { glossary } from '../../../core/model/glossary.ts'
import { objectiveStates } from '../../../core/model/objective.ts'
import { taskStates } from '../../../core/model/task.ts'
import { failurePolicies } from '../../../core/model/manifest.ts'
import { listTasksOf, type ObjectiveRow, type TaskView } from '../../../core/read/listObjectives.ts'
import { builder } from '../builder.ts'
import { upperCase } from '../enumOf.ts'
import { encodeId } from '../id.ts'

const ObjectiveStateType = builder.enumType('ObjectiveState', {
  values: upperCase(objectiveStates),
})
const TaskStateType = builder.enumType('TaskState', { values: upperCase(taskStates) })
const FailurePolicyType = builder.enumType('FailurePolicy', { values: upperCase(failurePolicies) })
export const DirectionType = builder.enumType('Direction', {
  values: { UP: { value: 'up' }, DOWN: { value: 'down' } } as const,
})

const TaskType = builder.objectRef<TaskView>('Task').implement({
  description: glossary.task,
  fields: (t) => ({
    id: t.id({ resolve: ({ objectiveId, id }) => encodeId('Task', `${objectiveId}:${id}`) }),
    round: t.exposeInt('round'),
    key: t.exposeString('key'),
    skill: t.exposeString('skill', { description: glossary.skill }),
    kind: t.exposeString('kind'),
    state: t.expose('state', { type: TaskStateType }),
    input: t.expose('input', { type: 'Json' }),
    after: t.exposeStringList('after', { description: 'Keys of tasks that it waits for.' }),
    join: t.expose('join', { type: 'Json', description: 'How it waits for them.' }),
    onFailure: t.expose('onFailure', { type: FailurePolicyType }),
    performer: t.exposeString('performer', {
      nullable: true,
      description: 'plugin/performer that did it last.',
    }),
    tried: t.exposeStringList('tried', { description: 'Those that failed at it for good.' }),
    attempts: t.exposeInt('attempts', { description: 'Tries of whoever is asked now.' }),
    dueAt: t.expose('dueAt', { type: 'DateTime' }),
    result: t.expose('result', { type: 'Json', nullable: true }),
    error: t.exposeString('error', { nullable: true }),
    reason: t.exposeString('reason', {
      nullable: true,
      description: 'Why it waits and what to do; null where it waits for its turn, or is over.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime' }),
    endedAt: t.expose('endedAt', { type: 'DateTime', nullable: true }),
  }),
})

export const ObjectiveType = builder.objectRef<ObjectiveRow>('Objective').implement({
  description: glossary.objective,
  fields: (t) => ({
    id: t.id({ resolve: ({ id }) => encodeId('Objective', id) }),
    name: t.exposeString('name'),
    purpose: t.exposeString('purpose', { description: glossary.purpose }),
    state: t.expose('state', { type: ObjectiveStateType }),
    metric: t.field({
      type: 'Json',
      description: 'What is measured.',
      resolve: ({ metric }) => ({ ...metric }),
    }),
    brief: t.expose('brief', { type: 'Json', description: 'What planners are told.' }),
    budgets: t.exposeStringList('budgets', { description: 'Budgets that performers see.' }),
    direction: t.expose('direction', { type: DirectionType }),
    target: t.exposeFloat('target'),
    baseline: t.exposeFloat('baseline', {
      nullable: true,
      description:
        'As it was measured when the objective was set; null for fewer than ten persons.',
    }),
    measured: t.exposeFloat('measured', {
      nullable: true,
      description: 'As it was measured last; null for fewer than ten persons.',
    }),
    measuredAt: t.expose('measuredAt', { type: 'DateTime', nullable: true }),
    round: t.exposeInt('round', {
      description: 'From 1; a round is a plan, its tasks and a measurement.',
    }),
    roundsMax: t.exposeInt('roundsMax'),
    approvesPlans: t.exposeBoolean('approvesPlans', {
      description: 'Whether each plan waits until a person agrees.',
    }),
    settlingMs: t.exposeFloat('settlingMs', {
      description: 'How long after its last task a round is measured.',
    }),
    deadline: t.expose('deadline', { type: 'DateTime' }),
    createdBy: t.exposeString('createdBy', { description: 'principal:<id>.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime' }),
    endedAt: t.expose('endedAt', { type: 'DateTime', nullable: true }),
    tasks: t.loadableList({
      type: TaskType,
      description: 'Of all rounds, in the order in which they were planned.',
      loaderOptions: { cache: false },
      load: (ids: string[], { reader }) => listTasksOf(reader, ids),
      resolve: ({ id }) => id,
    }),
  }),
})
