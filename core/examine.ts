/** What `slateboard doctor` looks at: whether this machine can run Slateboard, and behind which walls. */
import { constants } from 'node:fs'
import { access, mkdir } from 'node:fs/promises'
import { connect } from '../blackboard/connect.ts'
import type { Config } from './config.ts'
import { asSlateboardError, SlateboardError } from './errors.ts'
import { createTiers, type TierOptions } from './host/tiers.ts'
import { loadKeys } from './keys.ts'
import type { Tier } from './model/manifest.ts'

export interface Check {
  name: string
  ok: boolean
  /** What was found, as a sentence, and when it is not ok what to do. */
  says: string
}

/** Node's permission model can deny the network from here on. */
const nodeMajorMin = 26

export async function examine(config: Config): Promise<Check[]> {
  return [
    checkNode(),
    await check('data folder', () => checkFolder(config.dataDir)),
    await check('master key', async () => {
      loadKeys(config)
      return config.masterKey === undefined
        ? `It is in ${config.dataDir}; keep a copy, what is sealed cannot be read without it.`
        : 'It is given by SLATEBOARD_MASTER_KEY.'
    }),
    await check('database', () => checkDatabase(config)),
    await check('sandbox', () => checkTier('sandbox', { cells: 1, backend: 'isolate' })),
    await check('sandbox without isolated-vm', () =>
      checkTier('sandbox', { cells: 1, backend: 'quickjs' }),
    ),
    await check('process tier', () => checkTier('process', { cells: 1 })),
  ]
}

function checkNode(): Check {
  const { version, allowedNodeEnvironmentFlags: flags } = process
  const ok = Number(version.slice(1).split('.')[0]) >= nodeMajorMin && flags.has('--permission')
  const says = ok
    ? `Node ${version} can deny plugins the network, files, children and workers.`
    : `Node ${version} cannot deny plugins the network; start with npm or npx, which bring Node ${nodeMajorMin}.`
  return { name: 'node', ok, says }
}

async function check(name: string, look: () => Promise<string>): Promise<Check> {
  try {
    return { name, ok: true, says: await look() }
  } catch (thrown) {
    const { message, remedy } = asSlateboardError(thrown)
    return { name, ok: false, says: `${message} ${remedy}` }
  }
}

async function checkFolder(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await access(folder, constants.W_OK)
  return `${folder} can be written.`
}

async function checkDatabase({ databaseUrl, dataDir }: Config): Promise<string> {
  let version: unknown
  const log = {
    info: (fields: object) => {
      if ('version' in fields) version = fields.version
    },
  }
  try {
    await using db = await connect({ databaseUrl, dataDir, log })
    return `Postgres ${String(version)} answers (${db.engine}).`
  } catch (thrown) {
    // Whoever holds it is most likely the server that this is about.
    if (thrown instanceof SlateboardError && thrown.code === 'database_locked')
      return `${thrown.message} It was not opened a second time.`
    throw thrown
  }
}

const bundle = 'var slateboardPlugin = { default: { agents: { check: () => 1 } } }'

async function checkTier(tier: Tier, options: Omit<TierOptions, 'log'>): Promise<string> {
  await using tiers = createTiers({ ...options, log: () => undefined })
  await tiers.load('check', { id: 'check', bundle, tier, agents: ['check'] })
  const walls =
    options.backend === undefined
      ? 'Active: a process of its own, no grants, hardened.'
      : `Active: ${options.backend}, cell without grants, hardened.`
  const statm =
    process.platform === 'linux'
      ? ' Its memory is watched.'
      : ' Its memory is not watched on this platform.'
  return `A plugin was loaded. ${walls}${statm}`
}
