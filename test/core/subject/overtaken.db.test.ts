import type { TransactionSql } from 'postgres'
import { describe, expect, test } from 'vitest'
import { insertActivations } from '../../../blackboard/query/insertActivations.ts'
import { arrive } from '../../../core/flow/ingest/arrival.ts'
import { Keyring } from '../../../core/flow/ingest/keyring.ts'
import { store } from '../../../core/flow/ingest/store.ts'
import type { IncomingEvent } from '../../../core/model/event.ts'
import { identify, openTestApp, track, type TestApp } from '../../support/app.ts'
import { findTexts } from '../../support/scan.ts'
import { erase } from './given.ts'

/** A transaction in which something happens elsewhere right after its identifiers were looked up. */
const overtaken = (tx: TransactionSql, meanwhile: () => Promise<unknown>): TransactionSql =>
  new Proxy(tx, {
    get(target, key) {
      if (key !== 'unsafe') return Reflect.get(target, key)
      return (text: string, ...rest: []) => {
        const asked = target.unsafe(text, ...rest)
        if (!text.includes('from tombstone')) return asked
        return asked.then(async (rows) => {
          await meanwhile()
          return rows
        })
      }
    },
  })

async function storeOvertaken(
  app: TestApp,
  event: IncomingEvent,
  meanwhile: () => Promise<unknown>,
): Promise<unknown> {
  const { board, workspaceId } = app
  const keyring = new Keyring(board.vault)
  const definitions = await app.definitions.of(workspaceId)
  const destination = { board, keyring, workspaceId, definitions }
  const arrival = arrive(board.vault, workspaceId, 'test', board.clock.id(), event)
  let isOver = false
  const once = async (): Promise<void> => {
    if (isOver) return
    isOver = true
    await meanwhile()
  }
  return app.sql.begin((tx) => store(overtaken(tx, once), destination, [arrival]))
}

// The embedded engine has one connection: nothing can happen elsewhere while a transaction is open.
describe.skipIf(process.env['SLATEBOARD_TEST_ENGINE'] === 'embedded')(
  'a batch that looked its identifiers up before an erasure',
  () => {
    const note = 'overtaken-note'

    test('about the person is begun again, and meets the tombstones then', async () => {
      await using app = await openTestApp({ works: false })
      await app.send(identify('ada'))
      const ada = await app.profileOf('ada')
      const late = track('ada', 'Order', { note })
      await expect(storeOvertaken(app, late, () => erase(app, ada))).rejects.toMatchObject({
        code: 'write_conflict',
      })
      expect(await app.send(late)).toMatchObject([{ code: 'subject_erased' }])
      expect(await findTexts(app.sql, [note])).toEqual([])
    })

    test('by an address that came to the person and went with them in between, as well', async () => {
      await using app = await openTestApp({ works: false })
      await app.send(identify('ada'))
      const ada = await app.profileOf('ada')
      const value = 'ada@example.org'
      const late = {
        ...track('', 'Order', { note }),
        identifiers: [{ namespace: 'email', value }],
      }
      const joinAndErase = async (): Promise<void> => {
        await app.send(identify('ada', { email: value }))
        await erase(app, ada)
      }
      await expect(storeOvertaken(app, late, joinAndErase)).rejects.toMatchObject({
        code: 'write_conflict',
      })
      expect(await app.send(late)).toMatchObject([{ code: 'subject_erased' }])
      expect(await findTexts(app.sql, [note, value])).toEqual([])
    })

    test('about somebody else is stored (the pair of both)', async () => {
      await using app = await openTestApp({ works: false })
      await app.send(identify('ada'))
      const ada = await app.profileOf('ada')
      await storeOvertaken(app, track('bob', 'Order', { note }), () => erase(app, ada))
      expect(await findTexts(app.sql, [note])).toEqual([`event.properties: ${note}`])
    })

    const proposalOf = (app: TestApp, profileId: string, id: string) => ({
      workspaceId: app.workspaceId,
      at: app.board.clock.now().toISOString(),
      activations: JSON.stringify([
        {
          id,
          profileId,
          proposerKind: 'principal',
          proposerId: 'x',
          purpose: 'marketing',
          channel: 'email',
          content: { text: note },
          fields: [],
          cause: 'request',
        },
      ]),
    })

    test('a proposal that came before is blanked with the rest, and none is taken after', async () => {
      await using app = await openTestApp({ works: false })
      await app.send(identify('ada'))
      const ada = await app.profileOf('ada')
      await app.sql`
        insert into legal_state (workspace_id, profile_id, updated_at)
        values (${app.workspaceId}, ${ada}, now())`
      const erased = new AbortController()
      const isWaiting = async (): Promise<boolean> => {
        const rows = await app.sql`
          select from pg_stat_activity
          where datname = current_database() and wait_event_type = 'Lock'`
        return rows.length > 0
      }
      const erasing = await app.sql.begin(async (tx) => {
        expect(await insertActivations(tx, proposalOf(app, ada, 'before'))).toHaveLength(1)
        const erasure = erase(app, ada).finally(() => erased.abort())
        while (!erased.signal.aborted && !(await isWaiting()));
        // In an object, since a promise by itself would be waited for before the commit.
        return { erasure }
      })
      await erasing.erasure
      expect(await app.sql`select id, content from activation`).toEqual([
        { id: 'before', content: {} },
      ])
      expect(await insertActivations(app.sql, proposalOf(app, ada, 'after'))).toEqual([])
      expect(await findTexts(app.sql, [note])).toEqual([])
    })
  },
)
