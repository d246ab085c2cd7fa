import { createDoorkeeper } from '../../core/read/authenticate.ts'
import type { Role } from '../../core/model/principal.ts'
import type { Reader } from '../../core/read/reader.ts'
import { openRequest } from '../../core/subject/openRequest.ts'
import { openTestApp, testClock, type TestAppOptions } from './app.ts'

/** The desk of a data protection officer: a platform with time that stands still, and people who may answer. */
export async function openDesk(options: TestAppOptions = {}) {
  const clock = testClock(new Date('2026-01-15T10:00:00Z'))
  const app = await openTestApp({ works: false, clock, ...options })
  const door = createDoorkeeper(app.board, app.policies)
  async function reader(role: Role): Promise<Reader> {
    const { key } = await app.principal(role)
    const admitted = await door.admit(key)
    if (!admitted) throw new TypeError('the principal was not admitted')
    return admitted
  }
  const officer = await reader('officer')
  return {
    ...app,
    clock,
    door,
    reader,
    officer,
    /** Opens a request of the person with that user id; with `level` they are known at once. */
    ask(user: string, kind: string, more: object = {}, level?: string) {
      return openRequest(officer, {
        subject: { namespace: 'user_id', value: user },
        kind,
        ...(level === undefined ? {} : { verification: { level, method: 'login' } }),
        ...more,
      })
    },
    async acts(id: string): Promise<string[]> {
      const rows = await app.sql<{ act: string }[]>`
        select act from subject_request_event where request_id = ${id} order by id`
      return rows.map(({ act }) => act)
    },
    async audited(): Promise<{ action: string; payload: Record<string, unknown> }[]> {
      return app.sql`
        select action, payload from audit_inbox where action like 'subject_request.%' order by id`
    },
    [Symbol.asyncDispose]: () => app[Symbol.asyncDispose](),
  }
}
