import { expect, test } from 'vitest'
import { propose } from '../../../core/flow/propose.ts'
import { identify, openTestApp } from '../../support/app.ts'

test('refuses to propose for somebody nobody has seen', async () => {
  await using app = await openTestApp({ works: false })
  await app.send(identify('ada', { plan: 'pro' }))
  const { id } = await app.principal()
  const deps = { ...app, crew: app.registry }
  const subject = { namespace: 'user_id', value: 'bob' }
  const proposal = { purpose: 'service', channel: 'email', content: {}, fields: [] }
  await expect(propose(deps, app.workspaceId, id, subject, proposal)).rejects.toMatchObject({
    code: 'unknown_subject',
  })
})
