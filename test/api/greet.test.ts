import { expect, test } from 'vitest'
import { runDemoBeside } from '../../api/demo/beside.ts'
import { greet } from '../../api/greet.ts'
import { readConfig } from '../../core/config.ts'

const keys = {
  adminKey: 'sb_greeted',
  adminKeyFile: '/data/admin.key',
  masterKey: Buffer.alloc(32),
}
// Port 9 is the discard service's: nothing that answers HTTP listens there.
const nobody = { url: 'http://127.0.0.1:9', receiver: undefined }

async function greeted(demo: boolean): Promise<string[]> {
  const lines: string[] = []
  await greet(nobody, keys, { demo, write: (line) => lines.push(line) })
  return lines
}

test('tells where everything is, and never the key itself', async () => {
  const text = (await greeted(false)).join('\n')
  expect(text).toContain('Slateboard is ready: http://127.0.0.1:9')
  expect(text).toContain('/data/admin.key')
  expect(text).not.toContain(keys.adminKey)
})

test('a demo that cannot be sent does not stop the start', async () => {
  expect((await greeted(true)).at(-1)).toMatch(
    /^The demo ended early: The server at .* did not answer/,
  )
})

test('refuses to run the demo beside no server, and says how to start one', async () => {
  const config = readConfig({ SLATEBOARD_DATA_DIR: '/nonexistent' })
  await expect(runDemoBeside(config, () => {})).rejects.toMatchObject({
    code: 'command_failed',
    remedy: expect.stringContaining('npm start'),
  })
})
