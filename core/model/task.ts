/** Tasks of an objective, and what a plan may say. Pure. */
import { z } from 'zod'
import { jsonObjectSchema, jsonSchema } from './json.ts'
import { failurePolicies, skillSchema } from './manifest.ts'
import { ringsIn } from './ring.ts'
import { scoreSchema } from './score.ts'

/**
 *   approval  waits for a person to agree to the plan
 *   waiting   for tasks before it
 *   ready     for somebody to do it
 *   running   somebody does it
 *   halted    failed, and waits for a person
 *   done, failed, skipped  over
 */
export const taskStates = [
  'approval',
  'waiting',
  'ready',
  'running',
  'halted',
  'done',
  'failed',
  'skipped',
] as const
export type TaskState = (typeof taskStates)[number]

/** What a planner offers; the platform asks for a plan itself, so no plan has a task of it. */
export const planningSkill = 'plan'

const tasksMax = 50
const inputCharsMax = 20_000

/** JSON of a bounded size. */
const sizedObjectSchema = jsonObjectSchema.refine(
  (value) => JSON.stringify(value).length <= inputCharsMax,
  `at most ${inputCharsMax} characters of JSON`,
)

const joinSchema = z.strictObject({
  /** How many of the tasks before it have to be done; `all` that were not skipped. */
  need: z.union([z.literal('all'), z.int().min(1).max(tasksMax)]).default('all'),
  /** How long it waits for the others after the first, in milliseconds. */
  withinMs: z
    .int()
    .min(100)
    .max(90 * 86_400_000)
    .nullable()
    .default(null),
  onTimeout: z.enum(['run', 'skip']).default('run'),
})
export type TaskJoin = z.infer<typeof joinSchema>

export const taskInputSchema = sizedObjectSchema

export const plannedTaskSchema = z.strictObject({
  key: skillSchema,
  skill: skillSchema,
  kind: skillSchema.default('any'),
  input: taskInputSchema.default({}),
  after: z.array(skillSchema).max(tasksMax).default([]),
  join: joinSchema.prefault({}),
  onFailure: z.enum(failurePolicies).default('retry'),
})
export type PlannedTask = z.infer<typeof plannedTaskSchema>

/** What a performer answers. */
export const taskOutcomeSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('finished'),
    result: jsonSchema.refine(
      (value) => JSON.stringify(value).length <= inputCharsMax,
      `at most ${inputCharsMax} characters of JSON`,
    ),
    tasks: z.array(plannedTaskSchema).max(tasksMax).optional(),
    score: scoreSchema.optional(),
  }),
  z.strictObject({
    kind: z.literal('snooze'),
    ms: z
      .int()
      .min(1000)
      .max(30 * 86_400_000),
  }),
  z.strictObject({ kind: z.literal('cancel'), reason: z.string().min(1).max(200) }),
])
export type TaskOutcome = z.infer<typeof taskOutcomeSchema>

/** Why a task waits and what to do; null where it only waits for its turn, or is over. */
export function whyItWaits(
  {
    state,
    skill,
    after,
    error,
  }: { state: TaskState; skill: string; after: readonly string[]; error: string | null },
  isOffered: boolean,
): string | null {
  switch (state) {
    case 'approval':
      return 'Its plan waits for a person: slateboard objective approve <objective>.'
    case 'waiting':
      return `It waits for ${after.join(', ')}.`
    case 'halted':
      return `Nobody could do it (${error ?? 'unknown'}): slateboard objective retry-task or skip-task.`
    case 'ready':
      return isOffered
        ? null
        : `Nobody who runs offers the skill ${skill}: install a plugin with a performer that does, or skip the task.`
    case 'running':
    case 'done':
    case 'failed':
    case 'skipped':
    default:
      return null
  }
}

/** Why these are no plan, for the planner; undefined where they are one. @param skills that somebody offers */
export function planProblem(
  tasks: readonly PlannedTask[],
  skills: readonly string[],
): string | undefined {
  const keys = tasks.map(({ key }) => key)
  const twice = keys.find((key, at) => keys.indexOf(key) !== at)
  if (twice !== undefined) return `two tasks have the key ${twice}`
  for (const { key, skill, after, join } of tasks) {
    if (skill === planningSkill) return `${key} is to plan, which no task of a plan does`
    if (!skills.includes(skill)) return `${key} needs the skill ${skill}, which nobody offers`
    const unknown = after.find((each) => !keys.includes(each))
    if (unknown !== undefined) return `${key} waits for ${unknown}, which is not in the plan`
    if (new Set(after).size < after.length) return `${key} waits for a task twice`
    if (join.need !== 'all' && join.need > after.length)
      return `${key} needs ${join.need} tasks done and waits for ${after.length}`
  }
  const [ring] = ringsIn(new Map(tasks.map(({ key, after }) => [key, after])))
  return ring && `tasks wait for each other: ${ring.join(', ')}`
}
