import { readFile, writeFile } from 'node:fs/promises'
import { relative, resolve } from 'node:path'
import type { Command } from 'commander'
import { asSlateboardError, fail } from '../../../core/errors.ts'
import { benchAgents } from '../../../core/kit/bench.ts'
import { createPlugin } from '../../../core/kit/create.ts'
import { followFolder } from '../../../core/kit/follow.ts'
import { lintPackage } from '../../../core/kit/lint.ts'
import { packPlugin } from '../../../core/kit/pack.ts'
import { policyOf } from '../../../core/kit/policy.ts'
import { keyOf, openSession, type Session, type Take } from '../../../core/kit/session.ts'
import { readPackage } from '../../../core/host/package.ts'
import { engineVersion } from '../../../core/open.ts'
import { show, type CommandTable } from '../context.ts'
import { linesOf, summaryOf } from './pluginTake.ts'

interface PackOptions {
  out?: string
  key?: string
  json?: boolean
}

interface TryOptions {
  once?: boolean
  record?: boolean
  policy?: string
  now?: string
  json?: boolean
}

/** What a plugin's author works with; none of it needs a server. */
export function addPluginKit(plugin: Command, table: CommandTable): void {
  plugin
    .command('new <id>')
    .description('write a new plugin: manifest, code, test, fixtures and a page about it')
    .option('--folder <folder>', 'where its folder is made', 'plugins')
    .action(async (id: string, { folder }: { folder: string }) => {
      const made = await createPlugin(resolve(folder), id, engineVersion)
      const near = relative('.', made.folder)
      const path = near.startsWith('..') ? made.folder : near
      table.write(`${path} holds ${made.files.join(', ')}.`)
      table.write(`Now run: npx slateboard plugin try ${path}`)
    })

  plugin
    .command('try <folder>')
    .description('run the fixtures of a plugin in the sandbox, again at every change')
    .option('--once', 'run once; fails when an answer is not the recorded one')
    .option('--record', 'take the answers of now as the right ones, and end')
    .option(
      '--policy <file>',
      'the policy to hold reads and proposals against; else the shipped one',
    )
    .option('--now <time>', 'the clock that agents are shown, ISO 8601')
    .option('--json', 'print JSON, once')
    .action((folder: string, options: TryOptions) => tryPlugin(table, resolve(folder), options))

  plugin
    .command('pack <folder>')
    .description(
      'pack a plugin as the .tgz that an installation takes, with the SHA-256 of each file',
    )
    .option('--out <file>', 'where to; else <id>-<version>.tgz here')
    .option('--key <file>', 'sign it with this Ed25519 private key (PEM)')
    .option('--json', 'print JSON')
    .action((folder: string, options: PackOptions) => pack(table, resolve(folder), options))

  plugin
    .command('lint <folder>')
    .description('say what is wrong with a plugin, and what is worth mending')
    .option('--json', 'print JSON')
    .action(async (folder: string, options: { json?: boolean }) => {
      const advice = lintPackage(await readPackage(resolve(folder)))
      if (options.json)
        show(
          table,
          options,
          advice.map(({ place, text }) => ({ place, text })),
        )
      else if (advice.length === 0) table.write('Nothing to mend.')
      else for (const { place, text } of advice) table.write(`${place}: ${text}`)
    })

  plugin
    .command('bench <folder>')
    .description(
      'measure how fast the agents answer their fixtures, beside an agent that does nothing',
    )
    .option('--seconds <seconds>', 'how long each agent is called', '3')
    .option('--json', 'print JSON')
    .action((folder: string, options: { seconds: string; json?: boolean }) =>
      bench(table, resolve(folder), options),
    )
}

async function pack(table: CommandTable, folder: string, options: PackOptions): Promise<void> {
  const key = options.key === undefined ? undefined : await readFile(options.key, 'utf8')
  const { bytes, name, digest, files, publicKey } = await packPlugin(folder, key)
  const file = options.out ?? name
  await writeFile(file, bytes)
  if (options.json) return show(table, options, [{ file, digest, files, publicKey }])
  table.write(`${file} holds ${files.join(', ')}.`)
  table.write(`Its digest is ${digest}.`)
  if (publicKey !== null) table.write(`It is signed by ${publicKey}.`)
}

async function tryPlugin(table: CommandTable, folder: string, options: TryOptions): Promise<void> {
  const { now } = options
  if (now !== undefined && Number.isNaN(Date.parse(now)))
    throw fail('bad_input', {
      path: '--now',
      reason: `"${now}" is not a time such as 2026-01-01T12:00:00Z`,
    })
  const policy = policyOf(options.policy ? await readFile(options.policy, 'utf8') : undefined)
  await using session = openSession(folder, {
    policy,
    ...(now === undefined ? {} : { now: new Date(now).toISOString() }),
  })
  if (!options.once && !options.json && !options.record) return follow(table, folder, session)
  const take = await session.take()
  if (options.record) {
    await session.record(take)
    table.write(`${take.rehearsed.length} answers recorded.`)
    return
  }
  if (options.json) table.write(JSON.stringify(summaryOf(take), null, 2))
  else for (const line of linesOf(take)) table.write(line)
  const changed = take.rehearsed.filter(({ verdict }) => verdict === 'changed')
  if (changed.length > 0) {
    throw fail('fixture_differs', { fixtures: changed.map(({ name }) => name).join(', ') })
  }
}

/** Runs until Ctrl-C. What is wrong with the plugin is said and mended in the editor, not a reason to end. */
async function follow(table: CommandTable, folder: string, session: Session): Promise<void> {
  const stop = new AbortController()
  const end = (): void => stop.abort()
  process.once('SIGINT', end).once('SIGTERM', end)
  const look = async (): Promise<void> => {
    for (const line of await taken(session)) table.write(line)
  }
  try {
    await look()
    table.write('Waiting for changes; Ctrl-C ends.')
    await followFolder(folder, stop.signal, look)
  } finally {
    process.off('SIGINT', end).off('SIGTERM', end)
  }
}

async function taken(session: Session): Promise<string[]> {
  try {
    return linesOf(await session.take())
  } catch (thrown) {
    const { code, message, remedy } = asSlateboardError(thrown)
    if (code === 'internal') throw thrown
    return [`${message} ${remedy}`]
  }
}

async function bench(
  table: CommandTable,
  folder: string,
  options: { seconds: string; json?: boolean },
): Promise<void> {
  const seconds = Number(options.seconds)
  if (!(seconds > 0 && seconds <= 600))
    throw fail('bad_input', {
      path: '--seconds',
      reason: `"${options.seconds}" is not from 0 to 600`,
    })
  await using session = openSession(folder, { policy: policyOf(undefined) })
  const take: Take = await session.take()
  if (session.fixtures.length === 0) throw fail('fixture_missing', { folder })
  const speeds = await benchAgents(session.host, keyOf(take.pkg), session.fixtures, seconds)
  show(
    table,
    options,
    speeds.map(({ agent, itemsPerSecond, ratio, p50, p99 }) => ({
      agent,
      itemsPerSecond: Math.round(itemsPerSecond),
      ofNothing: Math.round(ratio * 100) / 100,
      batchP50Ms: Math.round(p50 * 100) / 100,
      batchP99Ms: Math.round(p99 * 100) / 100,
    })),
  )
}
