import { randomBytes } from 'node:crypto'
import { existsSync, linkSync, mkdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { masterKeyBytes, type Config } from './config.ts'
import { fail } from './errors.ts'

export interface Keys {
  adminKey: string
  /** File that holds the admin key, to be named on start; absent when the variable was given. */
  adminKeyFile: string | undefined
  /** 32 bytes; everything personal is sealed under it, so losing it loses that data. */
  masterKey: Buffer
}

/**
 * The keys that were given, and for those that were not, keys generated once into the data folder with
 * mode 0600. Processes that start at the same time agree on one key.
 *
 * Fails with `config_invalid` when a key file is damaged: generating another would orphan what was sealed.
 */
export function loadKeys(config: Pick<Config, 'adminKey' | 'masterKey' | 'dataDir'>): Keys {
  const adminKeyFile = config.adminKey ? undefined : resolve(config.dataDir, 'admin.key')
  const adminKey = config.adminKey ?? readOrCreate(config.dataDir, 'admin.key', newAdminKey)
  const masterKey = config.masterKey ?? readOrCreate(config.dataDir, 'master.key', newMasterKey)
  const bytes = Buffer.from(masterKey, 'base64')
  if (bytes.length !== masterKeyBytes) throw damaged(join(config.dataDir, 'master.key'))
  // A key that was given was checked where it was read; this one was made here and is 36 long.
  if (adminKeyFile !== undefined && adminKey.length < 24)
    throw damaged(join(config.dataDir, 'admin.key'))
  return { adminKey, adminKeyFile, masterKey: bytes }
}

const newAdminKey = (): string => `sba_${randomBytes(24).toString('base64url')}`

const newMasterKey = (): string => randomBytes(masterKeyBytes).toString('base64')

function readOrCreate(folder: string, name: string, create: () => string): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, name)
  if (existsSync(path)) return readFileSync(path, 'utf8').trim()
  const draft = `${path}.${randomBytes(6).toString('hex')}`
  writeFileSync(draft, `${create()}\n`, { mode: 0o600, flag: 'wx', flush: true })
  try {
    // A link is made whole or not at all: who comes second keeps and reads the first one's key.
    linkSync(draft, path)
  } catch (thrown) {
    if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'EEXIST')) throw thrown
  } finally {
    unlinkSync(draft)
  }
  return readFileSync(path, 'utf8').trim()
}

function damaged(path: string): Error {
  return fail('config_invalid', {
    variable: path,
    value: 'damaged (not shown)',
    remedy: 'Put back a copy of the file; what was sealed under its key cannot be read without it.',
  })
}
