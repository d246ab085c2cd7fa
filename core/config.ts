import { z } from 'zod'
import { fail } from './errors.ts'

/** What the operator has set, checked; every default is in this file. */
export interface Config {
  /** 0 picks a free port. */
  port: number
  host: string
  /** Absent: the embedded database in `dataDir`. */
  databaseUrl: string | undefined
  dataDir: string
  /** Absent: generated once into `<dataDir>/admin.key`. */
  adminKey: string | undefined
  /** Who commands act as; absent: whoever has the admin key. */
  commandKey: string | undefined
  /** 32 bytes in base64. Absent: generated once into `<dataDir>/master.key`, embedded database only. */
  masterKey: string | undefined
  role: 'all' | 'api' | 'worker'
  /** Mail server for the email channel, `smtp://` or `smtps://`; absent: that channel fails what is sent by it. */
  smtpUrl: string | undefined
  mailFrom: string
  /** Where webhook activations go that name no destination; absent: such ones are refused. */
  webhookUrl: string | undefined
  /** A folder whose plugins are installed and kept up to date while running; absent: none. */
  pluginsDir: string | undefined
  /** Digests of the plugin versions that may run inside this process. */
  trustedPlugins: readonly string[]
  /** Reactions of one workspace that may wait before its events are turned away. */
  agendaMax: number
  /** Lets channels and egress reach loopback and private ranges; for development. */
  allowPrivateDestinations: boolean
  /** The domain that controllers send OpenDSR requests to. */
  openDsrDomain: string
  /** PEM files; absent: a key and a certificate are made and kept in the database. */
  openDsrKeyFile: string | undefined
  openDsrCertificateFile: string | undefined
  /** How long such a request can be cancelled before it is answered. */
  openDsrPendingMinutes: number
  /** Where traces go; absent: nowhere. */
  tracing: TracingConfig | undefined
  logLevel: (typeof logLevels)[number]
  /** Leaves out what helps in development, such as GraphiQL. */
  production: boolean
}

/** By OpenTelemetry's own variables, so that a collector's handbook holds here too. */
export interface TracingConfig {
  /** Where OTLP over HTTP is taken, with its path. */
  url: string
  serviceName: string | undefined
  sampler: (typeof samplers)[number]
  /** Of the samplers that take a share of the traces, 0 to 1. */
  ratio: number
  /** How long spans wait for others, in milliseconds. */
  delayMs: number
}

const samplers = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

export const masterKeyBytes = 32

interface Variable {
  schema: z.ZodType
  remedy: string
  /** Its value is never shown. */
  secret?: true
}

const isMasterKey = (text: string): boolean =>
  /^[A-Za-z0-9+/]{43}=$/.test(text) && Buffer.from(text, 'base64').length === masterKeyBytes

const variables = {
  PORT: {
    schema: z
      .string()
      .regex(/^\d{1,5}$/)
      .transform(Number)
      .refine((port) => port <= 65_535)
      .default(4000),
    remedy: 'Set it to a port from 1 to 65535, or to 0 to have one picked.',
  },
  HOST: {
    schema: z
      .string()
      .regex(/^[\w.:-]+$/)
      .default('127.0.0.1'),
    remedy: 'Set it to an address of this machine, such as 127.0.0.1 or 0.0.0.0.',
  },
  DATABASE_URL: {
    schema: z
      .string()
      .regex(/^postgres(ql)?:\/\/\S+$/)
      .optional(),
    remedy:
      'Set it to postgres://user:password@host:5432/database, or unset it for the embedded database.',
    secret: true,
  },
  SLATEBOARD_DATA_DIR: {
    schema: z.string().default('.data'),
    remedy: 'Set it to a folder that this user can write.',
  },
  SLATEBOARD_ADMIN_KEY: {
    schema: z
      .string()
      .min(8)
      .max(200)
      .regex(/^[\x21-\x7e]+$/)
      .optional(),
    remedy:
      'Set it to at least 8 printable characters without spaces, or unset it to have one generated.',
    secret: true,
  },
  SLATEBOARD_KEY: {
    schema: z
      .string()
      .max(500)
      .regex(/^[\x21-\x7e]+$/)
      .optional(),
    remedy:
      'Set it to a key from `slateboard principal create`, or unset it to act as administrator.',
    secret: true,
  },
  SLATEBOARD_MASTER_KEY: {
    schema: z.string().refine(isMasterKey).optional(),
    remedy: 'Set it to 32 random bytes in base64, as `openssl rand -base64 32` prints.',
    secret: true,
  },
  SLATEBOARD_ROLE: {
    schema: z.enum(['all', 'api', 'worker']).default('all'),
    remedy: 'Set it to all, api or worker.',
  },
  SLATEBOARD_ALLOW_PRIVATE_DESTINATIONS: {
    schema: z.enum(['0', '1']).default('0'),
    remedy: 'Set it to 1 for development, or unset it.',
  },
  SLATEBOARD_SMTP_URL: {
    schema: z
      .string()
      .regex(/^smtps?:\/\/\S+$/)
      .optional(),
    remedy: 'Set it to smtp://user:password@host:587 or smtps://…, or unset it.',
    secret: true,
  },
  SLATEBOARD_MAIL_FROM: {
    schema: z
      .string()
      .regex(/^[^\r\n]*@[^\r\n]*$/)
      .default('slateboard@localhost'),
    remedy: 'Set it to the address that messages come from.',
  },
  SLATEBOARD_WEBHOOK_URL: {
    schema: z.url({ protocol: /^https?$/ }).optional(),
    remedy: 'Set it to the https address that takes webhook activations, or unset it.',
    secret: true,
  },
  SLATEBOARD_PLUGINS_DIR: {
    schema: z.string().optional(),
    remedy: 'Set it to a folder of plugin folders, or unset it.',
  },
  SLATEBOARD_TRUSTED_PLUGINS: {
    schema: z
      .string()
      .transform((text) => text.split(',').map((digest) => digest.trim()))
      .pipe(z.array(z.string().regex(/^[0-9a-f]{64}$/)))
      .default([]),
    remedy: 'Set it to digests of 64 hex digits with commas between them, or unset it.',
  },
  SLATEBOARD_AGENDA_MAX: {
    schema: z
      .string()
      .regex(/^[1-9]\d{2,8}$/)
      .transform(Number)
      .default(1_000_000),
    remedy: 'Set it to a number of reactions from 100 to 999999999, or unset it.',
  },
  SLATEBOARD_OPENDSR_DOMAIN: {
    schema: z
      .string()
      .max(253)
      .regex(/^[a-z0-9-]+(\.[a-z0-9-]+)*$/)
      .default('localhost'),
    remedy: 'Set it to the domain that controllers send requests to, such as dsr.example.com.',
  },
  SLATEBOARD_OPENDSR_KEY_FILE: {
    schema: z.string().optional(),
    remedy: 'Set it to a file with an RSA key in PEM, beside SLATEBOARD_OPENDSR_CERTIFICATE_FILE.',
  },
  SLATEBOARD_OPENDSR_CERTIFICATE_FILE: {
    schema: z.string().optional(),
    remedy: 'Set it to a file with the certificate in PEM, beside SLATEBOARD_OPENDSR_KEY_FILE.',
  },
  SLATEBOARD_OPENDSR_PENDING_MINUTES: {
    schema: z
      .string()
      .regex(/^\d{1,5}$/)
      .transform(Number)
      .default(60),
    remedy: 'Set it to a number of minutes; 0 answers controllers at once.',
  },
  OTEL_EXPORTER_OTLP_ENDPOINT: {
    schema: z.url({ protocol: /^https?$/ }).optional(),
    remedy:
      'Set it to the address of an OTLP collector, such as http://127.0.0.1:4318, or unset it.',
    secret: true,
  },
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: {
    schema: z.url({ protocol: /^https?$/ }).optional(),
    remedy: 'Set it to where the collector takes traces, with /v1/traces at its end, or unset it.',
    secret: true,
  },
  OTEL_SERVICE_NAME: {
    schema: z.string().max(200).optional(),
    remedy: 'Set it to the name that traces are found by, or unset it.',
  },
  OTEL_TRACES_SAMPLER: {
    schema: z.enum(samplers).default('parentbased_always_on'),
    remedy: `Set it to one of ${samplers.join(', ')}.`,
  },
  OTEL_TRACES_SAMPLER_ARG: {
    schema: z
      .string()
      .regex(/^(0|1|[01]?\.\d+)$/)
      .transform(Number)
      .refine((share) => share <= 1)
      .default(1),
    remedy: 'Set it to the share of traces that are kept, such as 0.1, or unset it.',
  },
  OTEL_BSP_SCHEDULE_DELAY: {
    schema: z
      .string()
      .regex(/^\d{1,6}$/)
      .transform(Number)
      .default(5000),
    remedy: 'Set it to the milliseconds that spans may wait for others, or unset it.',
  },
  OTEL_SDK_DISABLED: {
    schema: z.enum(['true', 'false']).default('false'),
    remedy: 'Set it to true to have no traces exported, or unset it.',
  },
  LOG_LEVEL: {
    schema: z.enum(logLevels).default('info'),
    remedy: `Set it to one of ${logLevels.join(', ')}.`,
  },
  NODE_ENV: {
    schema: z.string().default('development'),
    remedy: 'Set it to production or unset it.',
  },
} satisfies Record<string, Variable>

type Variables = typeof variables
type Name = keyof Variables

/**
 * Reads the configuration; the only place that looks at the environment. An empty variable counts as unset.
 *
 * Fails with `config_invalid`, which names the variable, its value unless it is secret, and the remedy.
 * @example const config = readConfig(process.env)
 */
export function readConfig(
  env: Readonly<Record<string, string | undefined>> = process.env,
): Config {
  const databaseUrl = read(env, 'DATABASE_URL')
  const masterKey = read(env, 'SLATEBOARD_MASTER_KEY')
  if (databaseUrl !== undefined && masterKey === undefined) {
    throw invalid('SLATEBOARD_MASTER_KEY', 'unset although DATABASE_URL is set')
  }
  const production = read(env, 'NODE_ENV') === 'production'
  return {
    port: read(env, 'PORT'),
    host: read(env, 'HOST'),
    databaseUrl,
    dataDir: read(env, 'SLATEBOARD_DATA_DIR'),
    adminKey: read(env, 'SLATEBOARD_ADMIN_KEY'),
    commandKey: read(env, 'SLATEBOARD_KEY'),
    masterKey,
    role: read(env, 'SLATEBOARD_ROLE'),
    smtpUrl: read(env, 'SLATEBOARD_SMTP_URL'),
    mailFrom: read(env, 'SLATEBOARD_MAIL_FROM'),
    webhookUrl: read(env, 'SLATEBOARD_WEBHOOK_URL'),
    pluginsDir: read(env, 'SLATEBOARD_PLUGINS_DIR') ?? (production ? undefined : 'plugins'),
    trustedPlugins: read(env, 'SLATEBOARD_TRUSTED_PLUGINS'),
    agendaMax: read(env, 'SLATEBOARD_AGENDA_MAX'),
    allowPrivateDestinations: read(env, 'SLATEBOARD_ALLOW_PRIVATE_DESTINATIONS') === '1',
    openDsrDomain: read(env, 'SLATEBOARD_OPENDSR_DOMAIN'),
    openDsrKeyFile: read(env, 'SLATEBOARD_OPENDSR_KEY_FILE'),
    openDsrCertificateFile: read(env, 'SLATEBOARD_OPENDSR_CERTIFICATE_FILE'),
    openDsrPendingMinutes: read(env, 'SLATEBOARD_OPENDSR_PENDING_MINUTES'),
    tracing: readTracing(env),
    logLevel: read(env, 'LOG_LEVEL'),
    production,
  }
}

function readTracing(env: Readonly<Record<string, string | undefined>>): TracingConfig | undefined {
  const base = read(env, 'OTEL_EXPORTER_OTLP_ENDPOINT')
  const url =
    read(env, 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT') ??
    (base && `${base.replace(/\/$/, '')}/v1/traces`)
  const config = {
    serviceName: read(env, 'OTEL_SERVICE_NAME'),
    sampler: read(env, 'OTEL_TRACES_SAMPLER'),
    ratio: read(env, 'OTEL_TRACES_SAMPLER_ARG'),
    delayMs: read(env, 'OTEL_BSP_SCHEDULE_DELAY'),
  }
  const isOff = read(env, 'OTEL_SDK_DISABLED') === 'true'
  return url === undefined || isOff ? undefined : { url, ...config }
}

function read<N extends Name>(
  env: Readonly<Record<string, string | undefined>>,
  name: N,
): z.output<Variables[N]['schema']>
function read(env: Readonly<Record<string, string | undefined>>, name: Name): unknown {
  const variable: Variable = variables[name]
  const given = env[name]
  const parsed = variable.schema.safeParse(given === '' ? undefined : given)
  if (parsed.success) return parsed.data
  throw invalid(name, variable.secret ? 'set to something else (not shown)' : JSON.stringify(given))
}

function invalid(variable: Name, value: string): Error {
  return fail('config_invalid', { variable, value, remedy: variables[variable].remedy })
}
