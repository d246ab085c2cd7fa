import type { Sql } from 'postgres'
import { ensureAdmin } from '../../../core/admin/ensureAdmin.ts'
import { createDoorkeeper } from '../../../core/read/authenticate.ts'
import { findSimulation } from '../../../core/read/findSimulation.ts'
import { fail } from '../../../core/errors.ts'
import { shippedPolicy } from '../../../policies/shipped.ts'
import { openBench } from '../bench.ts'
import { countGermans, insertCustomers } from '../customers.ts'
import type { Report } from '../figure.ts'

const profiles = Number(process.env['SLATEBOARD_BENCH_PROFILES'] ?? 1_000_000)

/**
 * A candidate that changes who sees contact data, whom apps see at all and whom messages may reach, over a million
 * profiles. Beside it one count over the same table by one condition, the least that any answer costs.
 */
export async function benchSimulate(report: Report): Promise<void> {
  await using bench = await openBench({ works: false })
  const { board, workspaceId, policies, simulations } = bench.app
  await fill(board.db.sql, workspaceId)
  const door = createDoorkeeper(board, policies)
  const admin = await door.read(
    await ensureAdmin(board, workspaceId, 'bench-admin-key-of-this-run'),
  )
  const raw = await countGermans(board.db.sql, workspaceId)
  const started = performance.now()
  const id = await simulations.start(admin, { document: candidate(), days: 30 })
  await simulations.idle()
  const took = (performance.now() - started) / 1000
  const simulation = await findSimulation(admin, id)
  if (simulation?.result?.profiles !== profiles) throw fail('internal')
  const { compared, impacts } = simulation.result
  report({
    bench: 'policy',
    figure: 'simulateSeconds',
    value: took,
    unit: 's',
    engine: bench.engine,
    baseline: 'one count by one condition',
    ratio: took / raw,
    profiles,
    compared,
    impacts: impacts.length,
  })
}

function candidate(): object {
  const { document } = shippedPolicy()
  const changes: Record<string, object> = {
    'app-reads-contact-for-service': {
      purposes: ['service', 'analytics'],
      when: { 'traits.country': { $in: ['DE', 'FR'] } },
    },
    'app-reads-pseudonymous': { when: { 'traits.seats': { $gte: 2 } } },
    'consented-activations-leave': { when: { restricted: false, 'traits.country': 'DE' } },
  }
  return {
    title: 'Candidate',
    rules: document.rules.map((rule) => ({ ...rule, ...changes[rule.id] })),
  }
}

/** Customers with six traits, one of them sealed; a fifth has a legal standing. */
async function fill(sql: Sql, workspaceId: number): Promise<void> {
  await insertCustomers(sql, workspaceId, { count: profiles })
  await sql`
    insert into legal_state (workspace_id, profile_id, restricted, jurisdiction, updated_at)
    select ${workspaceId}, id, hashtext(id) % 20 = 0, 'DE', now() from profile
    where workspace_id = ${workspaceId} and hashtext(id) % 5 = 0`
  await sql`vacuum analyze profile, legal_state`
}
