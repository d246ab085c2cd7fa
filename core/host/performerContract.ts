/** What a plugin author needs for tasks of objectives; types alone, since `slateboard/plugin` is one file where it runs. */
import type { Json, JsonObject } from '../model/json.ts'
import type { Context, Outcome } from './contract.ts'

/** How well an answer did, by the word of who gave it; each from 0 to 1. */
export interface TaskScore {
  /** Whether it is about what was asked. */
  relevance: number
  /** How much of what was asked it answers. */
  completeness: number
  confidence: number
}

/** A step toward an objective. Nobody's data is in it: what is known of persons is for agents. */
export interface TaskInput {
  objective: {
    id: string
    name: string
    /** What whoever set it wants the planner to know. */
    brief: JsonObject
    target: number
    /** Where the number is to come to lie: at the target or above it, or below it. */
    direction: 'up' | 'down'
    /** As it stood when the objective was set, and when it was last measured; null where it covers too few persons. */
    baseline: number | null
    measured: number | null
    /** From 1; a round is a plan, its tasks and a measurement. */
    round: number
    roundsMax: number
  }
  task: { id: string; key: string; skill: string; input: JsonObject; attempt: number }
  /** What the tasks came to that it waits for; for a planner, all tasks of the rounds before, the latest last. */
  results: TaskResult[]
  /** Skills that somebody offers, for a planner. */
  skills: string[]
  /** Budgets of the objective. */
  budgets: { name: string; unit: string; left: number }[]
  /** The time of the call, ISO 8601, UTC. */
  now: string
  /** The config of the manifest as it is set now; {} where none is declared. */
  config: JsonObject
}

export interface TaskResult {
  round: number
  key: string
  skill: string
  state: 'done' | 'failed' | 'skipped'
  /** Null where it is not done. */
  result: Json
}

/** A task of a plan. */
export interface PlannedTask {
  /** Unique in the plan, in kebab-case. */
  key: string
  skill: string
  /** Of which kind it is beside others of its skill, such as a domain: who does it is learned by kind. */
  kind?: string
  input?: JsonObject
  /** Keys of tasks that it waits for; default none. */
  after?: string[]
  join?: {
    /** How many of these have to be done; default all that were not skipped. */
    need?: number | 'all'
    /** How long it waits for the others after the first, in milliseconds; default for ever. */
    withinMs?: number
    /** Then it runs with what has come, or is skipped; default run. */
    onTimeout?: 'run' | 'skip'
  }
  /** `retry` (default): tried again, by others too, and failed then; `skip`: left out at once; `halt`: waits for a person. */
  onFailure?: 'retry' | 'skip' | 'halt'
}

/** What a performer answers. Build it with `finished`, `snooze` or `cancel`; cancelled, the task is skipped. */
export type TaskOutcome =
  | { kind: 'finished'; result: Json; tasks?: PlannedTask[]; score?: TaskScore }
  | Exclude<Outcome, { kind: 'done' }>

/** Does a task. It cannot call the host; throwing counts as a failure. */
export type Performer = (
  input: TaskInput,
  ctx: Pick<Context, 'log'>,
) => TaskOutcome | Promise<TaskOutcome>
