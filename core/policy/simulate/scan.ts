import { conditionToSql } from '../../../blackboard/condition.ts'
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
import { always, never, type Condition, type Plan } from '../../model/condition.ts'
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
  /** Must hold, and must not. */
  is: Plan
  isNot: Plan
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
    const conditions = new Map<string, { at: number; condition: Condition }>()
    const placeOf = (plan: Plan): number | null => {
      if (plan.kind !== 'conditional') return null
      const { condition } = plan
      const key = JSON.stringify(condition)
      const known = conditions.get(key) ?? { at: conditions.size, condition }
      conditions.set(key, known)
      return known.at
    }
    const tallies = asked.map(({ holding, is, isNot, examples }) => ({
      holding,
      is: placeOf(is),
      isNot: placeOf(isNot),
      wantsExamples: examples !== null && examples.length < examplesMax,
    }))
    const answer = await transact(db, async (tx) => {
      await allowScans(tx)
      return simulateProfiles(tx, {
        ...range,
        tallies,
        conditions: [...conditions.values()].map(({ condition }) =>
          conditionToSql(condition, simulatedAttributes),
        ),
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
    add(asked: Pick<Question, 'holding' | 'is' | 'isNot' | 'examples'>): Question {
      const key = JSON.stringify(asked)
      const question = known.get(key) ?? { ...asked, count: 0 }
      // What can never hold is not asked.
      const isAsked = asked.is.kind !== 'never' && asked.isNot.kind !== 'always'
      if (!known.has(key) && isAsked) questions.push(question)
      known.set(key, question)
      return question
    },
  }
}

const placesOf = (register: Register, { holding, before, after }: Cell): Places => ({
  held: register.add({ holding, is: always, isNot: never, examples: null }),
  gained: register.add({ holding, is: after, isNot: before, examples: [] }),
  lost: register.add({ holding, is: before, isNot: after, examples: [] }),
})

const countsOf = ({ held, gained, lost }: Places): CellCounts => ({
  gained: gained.count,
  lost: lost.count,
  unchanged: held.count - gained.count - lost.count,
  examples: { gained: gained.examples ?? [], lost: lost.examples ?? [] },
})
