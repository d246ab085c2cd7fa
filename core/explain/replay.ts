/**
 * Makes a recorded decision again, from the versions that it was made from, and compares every word of both
 * answers.
 */
import { findDecisionRecord } from '../../blackboard/query/findDecisionRecord.ts'
import type { DecisionRecord } from '../../blackboard/query/findDecisionRecord.ts'
import type { Board } from '../board.ts'
import { decide } from '../flow/gate/decide.ts'
import type { GateVerdict } from '../flow/gate/input.ts'
import type { Json } from '../model/json.ts'
import { jsonEqual } from '../model/json.ts'
import { compareAudited } from './audited.ts'
import type { Difference } from './difference.ts'
import { loadEvidence, readInputs } from './evidence.ts'
import type { Obstacle } from './evidence.ts'
import { rebuild } from './rebuild.ts'
import type { Scenario } from './scenario.ts'

export interface Replay {
  readonly answer: 'same' | 'differs' | 'impossible'
  readonly differences: readonly Difference[]
  readonly obstacle: Obstacle | null
  /** The audit log has a digest of what it was made from, and what is stored was held to it. */
  readonly audited: boolean
  /** The build that decided, and the one that decided now; with another build another answer may be meant. */
  readonly engine: { readonly recorded: string; readonly running: string }
}

export interface Replayed {
  readonly replay: Replay
  /** What was decided about, where it could be put together. */
  readonly scenario: Scenario | null
}

/** Undefined when there is no such decision. */
export async function findRecord(
  { db }: Board,
  workspaceId: number,
  { profileId, id }: { profileId: string; id: string },
): Promise<DecisionRecord | undefined> {
  const [record] = await findDecisionRecord(db.sql, { workspaceId, profileId, id })
  return record
}

export async function replayDecision(
  board: Board,
  workspaceId: number,
  record: DecisionRecord,
): Promise<Replayed> {
  const engine = { recorded: record.engine, running: board.engine }
  const { isDigested: audited, differences: forged } = await compareAudited(
    board,
    workspaceId,
    record,
  )
  const told = (found: readonly Difference[], scenario: Scenario | null): Replayed => {
    const differences = [...forged, ...found]
    const answer = differences.length === 0 ? 'same' : 'differs'
    return { scenario, replay: { answer, differences, obstacle: null, audited, engine } }
  }
  const inputs = readInputs(record)
  if (typeof inputs === 'string') {
    if (forged.length > 0) return told([], null)
    const answer = 'impossible'
    return {
      scenario: null,
      replay: { answer, differences: [], obstacle: inputs, audited, engine },
    }
  }
  const rebuilt = rebuild(record, await loadEvidence(board, workspaceId, record, inputs))
  if (!('input' in rebuilt)) {
    const differences = rebuilt.map(({ where, recorded, found }) => ({
      where,
      recorded,
      replayed: found,
    }))
    return told(differences, null)
  }
  return told(compare(record, decide(rebuilt.input)), rebuilt)
}

/** Every part of the recorded answer beside the one that was given now. */
function compare(record: DecisionRecord, verdict: GateVerdict): Difference[] {
  const ofWhole = [
    difference('outcome', record.outcome, verdict.outcome),
    difference('reason', record.reason, verdict.reason),
    difference('obligations', record.obligations, verdict.obligations),
    difference('validUntil', record.validUntil, verdict.validUntil),
  ]
  const names = new Set([...record.checks, ...verdict.checks].map(({ name }) => name))
  // Decisions of before there were budgets say nothing of them, and cost nothing.
  if (!record.checks.some(({ name }) => name === 'budget') && record.cost === null) {
    names.delete('budget')
  }
  const ofChecks = [...names].flatMap((name) => {
    const recorded = record.checks.find((check) => check.name === name)
    const replayed = verdict.checks.find((check) => check.name === name)
    return (['verdict', 'reason', 'evidence'] as const).map((part) =>
      difference(`checks.${name}.${part}`, recorded?.[part] ?? null, replayed?.[part] ?? null),
    )
  })
  return [...ofWhole, ...ofChecks].flatMap((each) => each ?? [])
}

function difference(where: string, recorded: unknown, replayed: unknown): Difference | undefined {
  const [one, other] = [asJson(recorded), asJson(replayed)]
  if (jsonEqual(one, other)) return undefined
  return { where, recorded: JSON.stringify(one), replayed: JSON.stringify(other) }
}

const asJson = (value: unknown): Json => JSON.parse(JSON.stringify(value ?? null))
