import { z } from 'zod'
import { taskOutcomeSchema, type TaskOutcome } from '../model/task.ts'
import type { Refusal } from './outcome.ts'
import { depthMax, disarm } from './value.ts'

/** Checks what a performer answered; whether a plan makes sense is for the platform to see. */
export function checkTaskOutcome(
  raw: unknown,
  who: { plugin: string; agent: string },
): { outcome: TaskOutcome } | { refusal: Refusal } {
  const refuse = (reason: string) => ({
    refusal: { code: 'plugin_result_invalid' as const, values: { ...who, reason } },
  })
  if (!disarm(raw)) return refuse(`nested deeper than ${depthMax}`)
  const read = taskOutcomeSchema.safeParse(raw)
  return read.success ? { outcome: read.data } : refuse(z.prettifyError(read.error).slice(0, 300))
}
