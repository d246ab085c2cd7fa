import { randomBytes } from 'node:crypto'
import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { ensureWorkspace } from '../../blackboard/query/ensureWorkspace.ts'
import type { Board } from '../../core/board.ts'
import { systemClock } from '../../core/clock.ts'
import { createSignals } from '../../core/signal.ts'
import { noTracing } from '../../core/tracing/tracing.ts'
import { openVault } from '../../core/vault.ts'
import { openTestDatabase } from '../support/database.ts'
import { fuzz } from '../support/fuzz/fuzz.ts'
import { operators } from '../support/fuzz/ruleSet.ts'
import { createWorld } from '../support/fuzz/world.ts'

/** Half on each engine: 20,000 in all. More on demand: SLATEBOARD_FUZZ_RULE_SETS=100000 npm test. */
const ruleSets = Math.ceil(Number(process.env['SLATEBOARD_FUZZ_RULE_SETS'] ?? 20_000) / 2)
const given = process.env['SLATEBOARD_FUZZ_SEED']
const seed = given === undefined ? Math.floor(Math.random() * 2 ** 30) : Number(given)

describe('decision, plan, mask, agent view and SQL filter', () => {
  it(`agree for ${ruleSets} random rule sets (seed ${seed})`, async () => {
    await using db = await openTestDatabase()
    const [workspace] = await ensureWorkspace(db.sql, { name: 'fuzz' })
    const board: Board = {
      db,
      clock: systemClock(),
      vault: openVault(randomBytes(32)),
      signals: createSignals(),
      tracing: noTracing,
      log: pino({ level: 'silent' }),
      engine: 'test',
    }
    const world = await createWorld(board, { workspaceId: workspace?.id ?? 0, people: 24, seed })
    const result = await fuzz(world, { ruleSets, seed })
    expect(result.example).toBe('')
    expect(result).toMatchObject({ ruleSets, differences: 0 })
    // Nobody is right by answering the same always, and no operator is left out.
    expect(result.seen).toBeGreaterThan(0.05)
    expect(result.seen).toBeLessThan(0.9)
    expect(result.conditional).toBeGreaterThan(ruleSets)
    for (const name of operators) {
      expect(result.operators[name], name).toBeGreaterThan(ruleSets / 50)
    }
  }, 900_000)
})
