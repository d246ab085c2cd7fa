import { describe, expect, test } from 'vitest'
import { packPlugin } from '../../../core/kit/pack.ts'
import { openSession } from '../../../core/kit/session.ts'
import { policyOf } from '../../../core/kit/policy.ts'
import { readPackage } from '../../../core/host/package.ts'
import { openTrial } from '../../../core/host/trial.ts'
import { grounds, type Ground } from '../../support/ground.ts'
import { pluginFolder, pluginManifest } from '../../support/pluginFolder.ts'

const folderOf = (selfTest: string, tier = 'sandbox') =>
  pluginFolder({
    'plugin.json': pluginManifest({ tier, version: '1.4.0' }),
    'plugin.ts': `
      import { definePlugin, done } from 'slateboard/plugin'
      const probe = () => done({ writes: { probe: { value: 1 } } })
      export default definePlugin({ agents: { probe } ${selfTest && `, selfTest: ${selfTest}`} })`,
  })

async function tested(ground: Ground, selfTest: string) {
  await using folder = await folderOf(selfTest, ground.tier)
  await using own = ground.probeHost()
  await own.host.load('probe@1.4.0', await readPackage(folder.path))
  const result = await own.host.selfTest('probe@1.4.0').then(
    () => 'passed',
    (thrown: unknown) => thrown,
  )
  return { result, logs: own.logs.map(({ agent, message }) => `${agent ?? ''}: ${message}`) }
}

const refusal = (reason: string | RegExp) => ({
  code: 'plugin_self_test_failed',
  message: expect.stringMatching(reason),
})

describe.each(grounds)('in $name a self-test', (ground) => {
  test.each([
    ['is not there', ''],
    ['returns nothing', '() => {}'],
    ['finds nothing', '() => []'],
    ['comes to its end later', 'async () => { await null; return [] }'],
    ['tries a handler', `() => (probe().kind === 'done' ? [] : ['it does nothing'])`],
  ])('passes when it %s', async (_, code) => {
    expect(await tested(ground, code)).toMatchObject({ result: 'passed' })
  })

  test.each([
    [
      'throws',
      `() => { throw new RangeError('no rates') }`,
      'probe 1.4.0 .* threw RangeError: no rates',
    ],
    ['rejects', `async () => { await null; throw new Error('no rates') }`, 'threw Error: no rates'],
    ['finds fault', `() => ['no rates', 'no months']`, ': no rates; no months\\.'],
    ['answers with something else', '() => true', 'returned a boolean and no list'],
    ['answers with a list of something else', '() => [1]', 'something else than messages'],
    ['is no function', `'tested'`, 'selfTest is not a function'],
    ['does not end', '() => { for (;;); }', 'did not come to its end within 3000 ms'],
    ['never settles', '() => new Promise(() => {})', 'did not come to its end within 3000 ms'],
  ])('is refused when it %s', async (_, code, reason) => {
    expect(await tested(ground, code)).toMatchObject({ result: refusal(reason) })
  })

  test('has a log and no way to call the host', async () => {
    const code = `(ctx) => { ctx.log('info', Object.keys(ctx).join()); return typeof ctx.fetch === 'undefined' ? [] : ['fetch'] }`
    expect(await tested(ground, code)).toEqual({ result: 'passed', logs: ['selfTest: log'] })
  })

  test('shows no address that it found, and not more than fits an error', async () => {
    const code = `() => Array.from({ length: 50 }, () => 'ada@example.com is missing '.repeat(3))`
    const { result } = await tested(ground, code)
    expect(result).toMatchObject(refusal('masked'))
    expect(String(result)).not.toContain('ada@')
    expect(String(result).length).toBeLessThan(700)
  })
})

test.each(grounds.filter(({ tier }) => tier === 'sandbox'))(
  'in $name a self-test that eats memory is refused',
  async (ground) => {
    const code = '() => { const kept = []; for (;;) kept.push(new Array(100_000).fill(1.5)) }'
    expect(await tested(ground, code)).toMatchObject({ result: refusal('memory|3000 ms') })
  },
)

describe('for its author a self-test that finds fault', () => {
  const faulty = `() => ['no rates']`

  test('is told by a trial', async () => {
    await using folder = await folderOf(faulty)
    await using trial = await openTrial(folder.path)
    await expect(trial.selfTest()).rejects.toMatchObject(refusal('no rates'))
    expect(await trial.react('probe')).toMatchObject({ kind: 'done' })
  })

  test('keeps a session at the code before', async () => {
    await using folder = await folderOf(faulty)
    await using session = openSession(folder.path, { policy: policyOf(undefined) })
    await expect(session.take()).rejects.toMatchObject(refusal('no rates'))
    expect(session.host.stats().plugins).toEqual([])
  })

  test('is not packed; one that passes is', async () => {
    await using folder = await folderOf(faulty)
    await expect(packPlugin(folder.path)).rejects.toMatchObject(refusal('no rates'))
    await using good = await folderOf('() => []')
    expect(await packPlugin(good.path)).toMatchObject({ name: 'probe-1.4.0.tgz' })
  })
})
