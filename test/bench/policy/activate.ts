import { randomBytes } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import pino from 'pino'
import { connect } from '../../../blackboard/connect.ts'
import { openSlateboard } from '../../../core/open.ts'
import { shippedPolicy } from '../../../policies/shipped.ts'
import { putInForce } from '../../support/putInForce.ts'
import { openBench } from '../bench.ts'
import { quantile, type Report } from '../figure.ts'

const times = 40

/** How long after its commit on one node a policy version counts on another, which hears of it and is asked all along. */
export async function benchActivate(report: Report): Promise<void> {
  await using bench = await openBench({ works: false })
  const log = pino({ level: 'error' })
  await using db = await connect({ databaseUrl: bench.url, dataDir: '', log })
  await using second = await openSlateboard({
    db,
    log,
    masterKey: randomBytes(32),
    channels: {
      webhook: { allowPrivate: true },
      email: { smtpUrl: null, from: 'bench@example.org' },
    },
    works: false,
  })
  const { board, workspaceId } = bench.app
  const { document } = shippedPolicy()
  const took: number[] = []
  for (let number = 2; number < times + 2; number++) {
    await putInForce(board.db.sql, { workspaceId, number, document })
    const started = performance.now()
    board.signals.send('policy')
    while ((await second.policies.of(workspaceId)).number !== number) await setImmediate()
    took.push(performance.now() - started)
  }
  const base = { bench: 'policy', unit: 'ms', engine: bench.engine }
  report({ ...base, figure: 'inForceOnSecondNode.p50', value: quantile(took, 0.5) })
  report({ ...base, figure: 'inForceOnSecondNode.max', value: quantile(took, 1) })
}
