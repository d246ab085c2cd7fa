import { randomBytes } from 'node:crypto'
import { pino } from 'pino'
import { expect, inject, test } from 'vitest'
import { openSlateboard } from '../../../core/open.ts'
import { activatePolicy } from '../../../core/policy/activatePolicy.ts'
import { approvePolicy } from '../../../core/policy/approvePolicy.ts'
import { proposePolicy } from '../../../core/policy/proposePolicy.ts'
import { rollbackPolicy } from '../../../core/policy/rollbackPolicy.ts'
import { createDoorkeeper } from '../../../core/read/authenticate.ts'
import { openTestApp } from '../../support/app.ts'
import { narrower } from '../../support/office.ts'

// The embedded engine has one process: there is no other node.
test.runIf(inject('serverUrl') !== '')(
  'puts a version in force on another node well within a second, and takes it back as fast',
  async () => {
    await using app = await openTestApp({ works: false })
    await using other = await openSlateboard({
      databaseUrl: app.db.url,
      masterKey: randomBytes(32),
      log: pino({ level: 'silent' }),
      channels: {
        webhook: { allowPrivate: true, defaultUrl: null },
        email: { smtpUrl: null, from: 'a@b.test' },
      },
      works: false,
      cells: 1,
    })
    const { workspaceId } = app
    const door = createDoorkeeper(app.board, app.policies)
    const [author, approver] = await Promise.all(
      ['a', 'b'].map(async () => door.admit((await app.principal('officer')).key)),
    )
    if (!author || !approver) throw new TypeError('the officers were not admitted')

    /** Resolves once the other node decides by that version; it asks again only when it is told to. */
    const reached = (number: number) =>
      new Promise<void>((resolve) => {
        const ask = async (): Promise<void> => {
          if ((await other.policies.of(workspaceId)).number !== number) return
          deafen()
          resolve()
        }
        const deafen = other.board.signals.on('policy', () => void ask())
        void ask()
      })
    async function delayOf(act: () => Promise<number>): Promise<number> {
      const number = await act()
      const done = performance.now()
      await reached(number)
      return performance.now() - done
    }

    const number = await proposePolicy(author, { document: narrower, reason: 'Less.' })
    await approvePolicy(approver, { number })
    await reached(1)
    expect(await delayOf(() => activatePolicy(author, { number }))).toBeLessThan(1000)
    expect(await delayOf(() => rollbackPolicy(author, { reason: 'Wrong.' }))).toBeLessThan(1000)
  },
)
