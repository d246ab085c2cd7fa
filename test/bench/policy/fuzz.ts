import { ensureWorkspace } from '../../../blackboard/query/ensureWorkspace.ts'
import { fuzz } from '../../support/fuzz/fuzz.ts'
import { createWorld } from '../../support/fuzz/world.ts'
import { openBench } from '../bench.ts'
import type { Report } from '../figure.ts'

const ruleSets = Number(process.env['SLATEBOARD_FUZZ_RULE_SETS'] ?? 20_000)

/** Random rule sets for which decision, plan, SQL filter, field mask and agent view differ in anything. */
export async function benchFuzz(report: Report): Promise<void> {
  await using bench = await openBench({ works: false })
  const { board } = bench.app
  const [workspace] = await ensureWorkspace(board.db.sql, { name: 'fuzz' })
  const seed = Math.floor(Math.random() * 2 ** 30)
  const world = await createWorld(board, { workspaceId: workspace?.id ?? 0, people: 24, seed })
  const started = performance.now()
  const { differences, example, answers } = await fuzz(world, { ruleSets, seed })
  if (example !== '') process.stderr.write(`${example}\n`)
  report({
    bench: 'policy',
    figure: 'ruleSetsWithDifferences',
    value: differences,
    unit: `of ${ruleSets}`,
    engine: bench.engine,
    answers,
    seconds: Math.round((performance.now() - started) / 1000),
    seed,
  })
}
