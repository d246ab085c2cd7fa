import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readConfig } from '../../core/config.ts'
import { loadKeys } from '../../core/keys.ts'

const masterKey = randomBytes(32).toString('base64')

test('starts with nothing set', () => {
  expect(readConfig({})).toEqual({
    port: 4000,
    trustedPlugins: [],
    agendaMax: 1_000_000,
    openDsrDomain: 'localhost',
    openDsrKeyFile: undefined,
    openDsrCertificateFile: undefined,
    openDsrPendingMinutes: 60,
    host: '127.0.0.1',
    databaseUrl: undefined,
    dataDir: '.data',
    adminKey: undefined,
    commandKey: undefined,
    masterKey: undefined,
    role: 'all',
    smtpUrl: undefined,
    mailFrom: 'slateboard@localhost',
    webhookUrl: undefined,
    pluginsDir: 'plugins',
    tracing: undefined,
    allowPrivateDestinations: false,
    logLevel: 'info',
    production: false,
  })
})

test('watches no folder in production unless told to', () => {
  expect(readConfig({ NODE_ENV: 'production' }).pluginsDir).toBeUndefined()
  const told = { NODE_ENV: 'production', SLATEBOARD_PLUGINS_DIR: '/srv/plugins' }
  expect(readConfig(told).pluginsDir).toBe('/srv/plugins')
})

test('lets into the server the plugins whose digests are named, and takes nothing else for a digest', () => {
  const [one, two] = ['a'.repeat(64), '0'.repeat(64)]
  const told = readConfig({ SLATEBOARD_TRUSTED_PLUGINS: `${one}, ${two}` })
  expect(told.trustedPlugins).toEqual([one, two])
  expect(() => readConfig({ SLATEBOARD_TRUSTED_PLUGINS: 'acme/churn-risk' })).toThrow(
    /SLATEBOARD_TRUSTED_PLUGINS/,
  )
})

test('has traces exported where a collector is named, by its own address or the one for traces', () => {
  const tracingOf = (env: Record<string, string>) => readConfig(env).tracing
  const OTEL_EXPORTER_OTLP_ENDPOINT = 'http://127.0.0.1:4318/'
  expect(tracingOf({ OTEL_EXPORTER_OTLP_ENDPOINT })).toEqual({
    url: 'http://127.0.0.1:4318/v1/traces',
    serviceName: undefined,
    sampler: 'parentbased_always_on',
    ratio: 1,
    delayMs: 5000,
  })
  const others = {
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://traces.example/take',
    OTEL_TRACES_SAMPLER: 'traceidratio',
    OTEL_TRACES_SAMPLER_ARG: '0.25',
  }
  expect(tracingOf({ OTEL_EXPORTER_OTLP_ENDPOINT, ...others })).toMatchObject({
    url: 'https://traces.example/take',
    sampler: 'traceidratio',
    ratio: 0.25,
  })
  expect(tracingOf({ OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_SDK_DISABLED: 'true' })).toBeUndefined()
  expect(() => tracingOf({ OTEL_TRACES_SAMPLER: 'some' })).toThrow(/OTEL_TRACES_SAMPLER is/)
  expect(() => tracingOf({ OTEL_TRACES_SAMPLER_ARG: '1.5' })).toThrow(/OTEL_TRACES_SAMPLER_ARG is/)
})

test('takes what is set, and an empty variable as unset', () => {
  const env = {
    PORT: '0',
    HOST: '',
    DATABASE_URL: 'postgres://app:secret@db/slate',
    SLATEBOARD_MASTER_KEY: masterKey,
    SLATEBOARD_ROLE: 'worker',
    SLATEBOARD_ALLOW_PRIVATE_DESTINATIONS: '1',
    LOG_LEVEL: 'silent',
    NODE_ENV: 'production',
  }
  expect(readConfig(env)).toMatchObject({
    port: 0,
    host: '127.0.0.1',
    databaseUrl: env.DATABASE_URL,
    masterKey,
    role: 'worker',
    allowPrivateDestinations: true,
    logLevel: 'silent',
    production: true,
  })
})

test.each([
  ['PORT', '70000'],
  ['PORT', '-1'],
  ['PORT', '80x'],
  ['HOST', 'two words'],
  ['SLATEBOARD_ROLE', 'boss'],
  ['SLATEBOARD_ALLOW_PRIVATE_DESTINATIONS', 'yes'],
  ['LOG_LEVEL', 'loud'],
])('refuses %s=%s, naming the variable, the value and the remedy', (variable, value) => {
  expect(() => readConfig({ [variable]: value })).toThrow(
    expect.objectContaining({
      code: 'config_invalid',
      message: `${variable} is ${JSON.stringify(value)}.`,
      remedy: expect.stringContaining('Set it to'),
    }),
  )
})

test.each([
  ['DATABASE_URL', 'mysql://app:s3cret@db/slate'],
  ['SLATEBOARD_ADMIN_KEY', 's3cret'],
  ['SLATEBOARD_MASTER_KEY', 's3cret'],
])('refuses a wrong %s without showing it', (variable, value) => {
  expect(() => readConfig({ [variable]: value })).toThrow(
    expect.objectContaining({
      code: 'config_invalid',
      message: `${variable} is set to something else (not shown).`,
    }),
  )
})

test('refuses DATABASE_URL without a master key: each node would seal under its own', () => {
  expect(() => readConfig({ DATABASE_URL: 'postgres://db/slate' })).toThrow(
    expect.objectContaining({ message: expect.stringContaining('SLATEBOARD_MASTER_KEY') }),
  )
})

let dataDir = ''
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'slate-keys-'))
})
afterEach(() => {
  rmSync(dataDir, { recursive: true })
})

test('generates keys once, for the owner only', () => {
  const keys = loadKeys({ dataDir, adminKey: undefined, masterKey: undefined })
  expect(keys.masterKey).toHaveLength(32)
  expect(keys.adminKey.length).toBeGreaterThanOrEqual(24)
  expect(loadKeys({ dataDir, adminKey: undefined, masterKey: undefined })).toEqual(keys)
  expect(readFileSync(keys.adminKeyFile ?? '', 'utf8').trim()).toBe(keys.adminKey)
  for (const name of ['admin.key', 'master.key']) {
    expect(statSync(join(dataDir, name)).mode & 0o777).toBe(0o600)
  }
})

test('prefers the keys that were given', () => {
  const adminKey = 'a'.repeat(24)
  expect(loadKeys({ dataDir, adminKey, masterKey })).toEqual({
    adminKey,
    adminKeyFile: undefined,
    masterKey: Buffer.from(masterKey, 'base64'),
  })
})

test('takes the shortest admin key that the configuration lets through, and refuses a shorter one', () => {
  const { adminKey } = readConfig({ SLATEBOARD_ADMIN_KEY: '8letters' })
  expect(loadKeys({ dataDir, adminKey, masterKey }).adminKey).toBe('8letters')
  expect(() => readConfig({ SLATEBOARD_ADMIN_KEY: '7letter' })).toThrow(/SLATEBOARD_ADMIN_KEY/)
})

test('refuses a damaged master key file rather than making another', () => {
  writeFileSync(join(dataDir, 'master.key'), 'half of a ke')
  expect(() => loadKeys({ dataDir, adminKey: undefined, masterKey: undefined })).toThrow(
    expect.objectContaining({
      code: 'config_invalid',
      message: expect.stringContaining('damaged'),
    }),
  )
})
