import { planToSql } from '../../../blackboard/condition.ts'
import type { Database } from '../../../blackboard/connect.ts'
import { findProfileRange } from '../../../blackboard/query/findProfileRange.ts'
import {
  examplesMax,
  simulatedAttributes,
  simulateProfiles,
} from '../../../blackboard/query/simulateProfiles.ts'
import type { Holding } from '../../../blackboard/query/simulateProfiles.ts'
import { allowScans } from '../../../blackboard/query/allowScans.ts'
import { transact } from '../../../blackboard/transact.ts'
import { always, andPlans, notPlan, type Plan } from '../../model/condition.ts'
import type { Cell } from './cell.ts'

export interface CellCounts {
  gained: number
  lost: number
  unchanged: number
  examples: { gained: string[]; lost: string[] }
}

/** One question to every profile; cells that ask the same share it. */
interface Question {
  holding: Holding
  plan: Plan
  count: number
  /** Null for one whose profiles nobody wants to see. */
  examples: string[] | null
}

export interface Scanned {
  profiles: number
  counts: CellCounts[]
}

// A statement of a batch may hold up others for about that long: on the embedded engine it has the only
// connection, on a server a cancellation waits for it.
const batchMs = { embedded: 100, server: 500 }
const batchMin = 500
const batchMax = 50_000

// Postgres has 1,664 columns at most; a statement of more questions takes longer to plan than to run.
const questionsMax = 400

/**
 * Asks every profile about every cell, in batches by id so that others get their turn. `onBatch` is told how
 * many profiles were gone through; when it says false the scan ends and gives undefined.
 */
export async function scanProfiles(
  db: Database,
  workspaceId: number,
  cells: readonly Cell[],
  onBatch: (done: number) => Promise<boolean>,
): Promise<Scanned | undefined> {
  const register = createRegister()
  const places = cells.map((cell) => placesOf(register, cell))
  let profiles = 0
  let done = 0
  let limit = batchMin
  for (let after = ''; ;) {
    const [range] = await findProfileRange(db.sql, { workspaceId, after, limit })
    if (!range || range.upTo === null) break
    const started = performance.now()
    profiles += await askBatch(db, register.questions, { workspaceId, after, upTo: range.upTo })
    limit = nextLimit(limit, performance.now() - started, batchMs[db.engine])
    after = range.upTo
    done += range.count
    if (!(await onBatch(done))) return undefined
  }
  return { profiles, counts: places.map(countsOf) }
}

const nextLimit = (limit: number, took: number, wanted: number): number =>
  Math.round(Math.min(batchMax, Math.max(batchMin, limit * Math.min(4, wanted / took))))

async function askBatch(
  db: Database,
  questions: readonly Question[],
  range: { workspaceId: number; after: string; upTo: string },
): Promise<number> {
  let profiles = 0
  for (let from = 0; from < Math.max(1, questions.length); from += questionsMax) {
    const asked = questions.slice(from, from + questionsMax)
    const answer = await transact(db, async (tx) => {
      await allowScans(tx)
      return simulateProfiles(tx, {
        ...range,
        tallies: asked.map(({ holding, plan, examples }) => ({
          holding,
          condition: planToSql(plan, simulatedAttributes),
          wantsExamples: examples !== null && examples.length < examplesMax,
        })),
      })
    })
    profiles = answer.profiles
    for (const [at, question] of asked.entries()) {
      question.count += answer.counts[at] ?? 0
      question.examples?.push(...(answer.examples.get(at) ?? []))
      question.examples?.splice(examplesMax)
    }
  }
  return profiles
}

interface Places {
  held: Question
  gained: Question
  lost: Question
}

type Register = ReturnType<typeof createRegister>

function createRegister() {
  const questions: Question[] = []
  const known = new Map<string, Question>()
  return {
    questions,
    add(holding: Holding, plan: Plan, wantsExamples: boolean): Question {
      const key = JSON.stringify([holding, plan, wantsExamples])
      const question = known.get(key) ?? {
        holding,
        plan,
        count: 0,
        examples: wantsExamples ? [] : null,
      }
      // What can never hold is not asked.
      if (!known.has(key) && plan.kind !== 'never') questions.push(question)
      known.set(key, question)
      return question
    },
  }
}

const placesOf = (register: Register, { holding, before, after }: Cell): Places => ({
  held: register.add(holding, always, false),
  gained: register.add(holding, andPlans([after, notPlan(before)]), true),
  lost: register.add(holding, andPlans([before, notPlan(after)]), true),
})

const countsOf = ({ held, gained, lost }: Places): CellCounts => ({
  gained: gained.count,
  lost: lost.count,
  unchanged: held.count - gained.count - lost.count,
  examples: { gained: gained.examples ?? [], lost: lost.examples ?? [] },
})
