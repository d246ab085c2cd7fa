import { spawn } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, test, vi } from 'vitest'
import { systemClock } from '../../../../core/clock.ts'
import { createHost } from '../../../../core/host/host.ts'
import { cellFlags } from '../../../../core/host/sandbox/spawn.ts'
import { pluginFolder } from '../../../support/pluginFolder.ts'
import { probeHost, probeInput, probePackage } from '../../../support/probeHost.ts'

const pidOf = (own: { host: { stats(): { cells: { pid: number | undefined }[] } } }): number => {
  const pid = own.host.stats().cells[0]?.pid
  expect(pid).toBeTypeOf('number')
  return pid ?? 0
}

test('a cell starts with its first plugin, and ahead of the first call of one that sleeps', async () => {
  await using own = probeHost({ cells: 2 })
  const pids = () => own.host.stats().cells.map(({ pid }) => pid)
  expect(pids()).toEqual([undefined, undefined])
  own.host.admit('probe', await probePackage('() => write(1)'))
  await vi.waitFor(() => expect(pids().filter((pid) => pid !== undefined)).toHaveLength(1), 20_000)
  expect(own.host.stats()).toMatchObject({ sleeping: 1 })
})

test('a killed cell gives its calls back as retryable, and the next call works', async () => {
  await using own = probeHost({ cells: 1 })
  const { host, logs } = own
  await host.load('busy', await probePackage('() => { for (;;); }', { timeoutMs: 1000 }, 'busy'))
  await host.load('other', await probePackage('() => write(1)', {}, 'other'))
  const killed = pidOf(own)
  const busy = host.react('busy', 'probe', [1, 2].map(probeInput))
  const other = host.react('other', 'probe', [1, 2, 3].map(probeInput))
  await other
  process.kill(killed, 'SIGKILL')
  expect(await busy).toMatchObject([
    { ok: false, code: 'cell_lost', retryable: true, message: expect.stringContaining('SIGKILL') },
    { ok: false, code: 'cell_lost', retryable: true },
  ])
  expect(await host.react('other', 'probe', [probeInput('x')])).toMatchObject([{ ok: true }])
  expect(pidOf(own)).not.toBe(killed)
  expect(host.stats().cells).toMatchObject([{ restarts: 1, plugins: 2 }])
  expect(logs.map((entry) => entry.message)).toContainEqual(
    expect.stringMatching(/cell 0 ended \(SIGKILL\)/),
  )
})

test('a cell outlives the signals that are meant for its host', async () => {
  await using own = probeHost({ cells: 1 })
  const { host, logs } = own
  await host.load('quick', await probePackage('() => done()'))
  const pid = pidOf(own)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.kill(pid, signal)
    expect(await host.react('quick', 'probe', [probeInput('x')])).toMatchObject([{ ok: true }])
  }
  expect(pidOf(own)).toBe(pid)
  expect(logs).toEqual([])
})

test('a cell that cannot be interrupted is killed, and only the guilty plugin is blamed', async () => {
  await using own = probeHost({ cells: 1, wallSlackMs: 0 })
  const { host } = own
  // V8 does not look at its interrupt flag while it prints a number of millions of digits.
  const stubborn = '() => write((3n ** 15_000_000n).toString().length)'
  await host.load('stubborn', await probePackage(stubborn, { timeoutMs: 20 }, 'stubborn'))
  await host.load('other', await probePackage('() => { for (;;); }', { timeoutMs: 1000 }, 'other'))
  const [guilty, innocent] = await Promise.all([
    host.react('stubborn', 'probe', [probeInput('x')]),
    host.react('other', 'probe', [probeInput('x')]),
  ])
  expect(guilty).toMatchObject([{ ok: false, code: 'plugin_timeout', retryable: true }])
  expect(innocent).toMatchObject([{ ok: false, code: 'cell_lost', retryable: true }])
})

test('a cell is not blamed when the host itself was held up', async () => {
  await using own = probeHost({ cells: 1, wallSlackMs: 0 })
  await own.host.load('quick', await probePackage('() => done()'))
  const call = own.host.react('quick', 'probe', [probeInput('x')])
  // Let the call reach the cell, then hold the event loop for longer than the cell may be silent.
  await new Promise((resolve) => {
    setImmediate(resolve)
  })
  const until = performance.now() + 900
  while (performance.now() < until);
  expect(await call).toMatchObject([{ ok: true }])
  expect(own.host.stats().cells).toMatchObject([{ restarts: 0 }])
})

test.runIf(process.platform === 'linux')(
  'a cell that uses too much memory is killed, which the log says',
  async () => {
    const told = Promise.withResolvers<string>()
    await using host = createHost({
      clock: systemClock(),
      cells: 1,
      cellMemoryBytesMax: 1_048_576,
      log: ({ message }) => message.includes('MB') && told.resolve(message),
    })
    host.admit('probe', await probePackage('() => done()'))
    expect(await told.promise).toMatch(/it used more than 1 MB/)
  },
)

test.runIf(process.platform === 'linux')(
  'a cell has no environment and no grant beyond its own code',
  async () => {
    await using own = probeHost({ cells: 1 })
    await own.host.load('probe', await probePackage('() => done()'))
    const pid = pidOf(own)
    expect(await readFile(`/proc/${pid}/environ`, 'utf8')).toBe('')
    const flags = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0')
    expect(flags).toContain('--permission')
    expect(flags.filter((flag) => /^--allow-(?!fs-read|addons)/.test(flag))).toEqual([])
    for (const flag of flags.filter((each) => each.startsWith('--allow-fs-read='))) {
      expect(flag).toMatch(/(\/core\/host\/sandbox\/[a-z]+\.ts|\.node)$/)
    }
  },
)

const attacks: [what: string, code: string][] = [
  ['read a file', `await (await import('node:fs/promises')).readFile('/etc/passwd')`],
  ['write a file', `(await import('node:fs')).writeFileSync('written', 'x')`],
  ['start a process', `(await import('node:child_process')).execFileSync('true')`],
  ['start a worker', `new (await import('node:worker_threads')).Worker('1', { eval: true })`],
  ['open a database', `new (await import('node:sqlite')).DatabaseSync(':memory:')`],
  [
    'reach the network',
    `await new Promise(async (resolve, reject) => (await import('node:net')).connect(PORT, '127.0.0.1').on('connect', resolve).on('error', reject))`,
  ],
  ['open an inspector', `(await import('node:inspector')).open(0)`],
]

test('even outside the isolate a cell can do nothing to the machine', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const tries = attacks.map(
    ([what, code]) =>
      `try { ${code.replace('PORT', String(port))}; done.push(${JSON.stringify(what)}) } catch {}`,
  )
  const code = `const done = []\n${tries.join('\n')}\nprocess.stdout.write(JSON.stringify(done))\nprocess.exit(0)`
  await using folder = await pluginFolder({})
  const script = join(folder.path, 'attack.mjs')
  await writeFile(script, code)
  const run = async (flags: string[]) => {
    const child = spawn(process.execPath, [...flags, script], { cwd: folder.path, env: {} })
    return text(child.stdout)
  }
  try {
    expect(await run(cellFlags([script]))).toBe('[]')
    // The same attacks without the flags: they would be no proof if they failed anyway.
    expect(JSON.parse(await run([]))).toEqual(attacks.map(([what]) => what))
  } finally {
    server.close()
  }
})
