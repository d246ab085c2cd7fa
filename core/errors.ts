import type { Problem } from './model/problem.ts'
import { activationErrors } from './model/activationErrors.ts'
import { budgetErrors } from './model/budgetErrors.ts'
import { erasureErrors } from './model/erasureErrors.ts'
import { objectiveErrors } from './model/objectiveErrors.ts'
import { pluginErrors } from './model/pluginErrors.ts'
import { policyErrors } from './model/policyErrors.ts'
import { subjectErrors } from './model/subjectErrors.ts'

/**
 * The error catalogue. Every failure a user can meet has a code here, a sentence that says what came
 * in, and a remedy that says what to do. `{name}` in a text is filled from the values passed to `fail`.
 * Values must never carry personal data: pass keys, counts, limits and ids.
 */
export const catalogue = {
  // set-up
  config_invalid: {
    status: 500,
    message: '{variable} is {value}.',
    remedy: '{remedy}',
  },
  database_unavailable: {
    status: 503,
    message: 'The database did not answer: {reason}.',
    remedy: 'Nothing was stored; send the request again after the Retry-After time.',
  },
  database_full: {
    status: 503,
    message: 'The database refused the write because its disk is full.',
    remedy:
      'Free disk space on the database server; nothing acknowledged was lost. Send the request again.',
  },
  migration_failed: {
    status: 500,
    message: 'Migration {migration} failed: {reason}.',
    remedy: 'The database is unchanged by it. Mend the cause and start again.',
  },
  // database
  database_too_old: {
    status: 500,
    message: 'The database server is Postgres {version}.',
    remedy:
      'Slateboard needs Postgres 15 or newer; upgrade the server or use another DATABASE_URL.',
  },
  row_security_void: {
    status: 500,
    message: 'Row-level security does not hold: {reason}.',
    remedy:
      'Nothing starts without it. Undo what was changed by hand on the tables or on the role slateboard_app.',
  },
  database_newer: {
    status: 500,
    message: 'The database has migration {found}, and this release knows them up to {known}.',
    remedy:
      'Start the newer release that migrated this database, or restore a backup made before it.',
  },
  database_locked: {
    status: 500,
    message: 'The data folder {folder} is in use by {holder}.',
    remedy: 'Stop that process, or set SLATEBOARD_DATA_DIR to another folder.',
  },
  database_conflict: {
    status: 503,
    message: 'Two transactions met on the same rows and this one gave way ({sqlstate}).',
    remedy: 'Nothing was stored; send the request again.',
  },
  database_timeout: {
    status: 503,
    message: 'The database gave up a statement that took too long ({sqlstate}).',
    remedy:
      'Nothing was stored; send the request again, and look for long transactions if it persists.',
  },
  migration_changed: {
    status: 500,
    message: 'Migration {migration} was applied with another text than the file has now.',
    remedy: 'Put the file back as released; write a new migration for a further change.',
  },
  // ingest
  write_key_unknown: {
    status: 401,
    message: 'No source has the write key that came with the request.',
    remedy:
      'Send the write key as Basic user name or as "writeKey"; `slateboard source list` shows the sources.',
  },
  body_not_json: {
    status: 400,
    message: 'The request body is not usable: {reason}.',
    remedy: 'Send one JSON object in UTF-8; a batch is {"batch":[…]}.',
  },
  body_too_large: {
    status: 400,
    message: 'The request body is larger than {limit} bytes once decompressed.',
    remedy: 'Send fewer items per request: 32 KB for a single call, 500 KB for a batch.',
  },
  body_encoding_unknown: {
    status: 415,
    message: 'The content encoding of the request is not known.',
    remedy: 'Send the body plain or with gzip, deflate or br.',
  },
  batch_too_long: {
    status: 400,
    message: 'The batch has {count} items.',
    remedy: 'Send at most {limit} items per batch.',
  },
  item_invalid: {
    status: 400,
    message: 'The item is not usable: {reason}.',
    remedy: 'Correct the item and send it again.',
  },
  item_too_large: {
    status: 400,
    message: 'The item has {bytes} bytes.',
    remedy: 'Send at most {limit} bytes per item.',
  },
  item_too_deep: {
    status: 400,
    message: 'The item nests deeper than {limit} levels.',
    remedy: 'Flatten the item and send it again.',
  },
  item_unstorable: {
    status: 400,
    message: 'The item holds text or a number that cannot be stored: {reason}.',
    remedy: 'Remove it and send the item again.',
  },
  too_many_keys: {
    status: 400,
    message: '{field} has {count} keys.',
    remedy: 'Send at most {limit} keys.',
  },
  no_user_anon_id: {
    status: 400,
    message: 'The item has neither userId nor anonymousId.',
    remedy: 'Send at least one of them.',
  },
  no_usable_identifier: {
    status: 400,
    message: 'Every identifier of the item stands for nobody in particular.',
    remedy: 'Send a userId or anonymousId other than null, undefined, anonymous, 0 and the like.',
  },
  // requests
  unauthorized: {
    status: 401,
    message: 'No valid key came with the request.',
    remedy: 'Send "Authorization: Bearer <key>" with a key from `slateboard principal create`.',
  },
  forbidden: {
    status: 403,
    message: 'The principal {principal} may not {action}.',
    remedy: 'Ask a compliance officer for a rule that grants it, or use another key.',
  },
  not_found: {
    status: 404,
    message: 'There is no {what}.',
    remedy: 'Check the address; the paths are listed in README.md.',
  },
  bad_input: {
    status: 400,
    message: '{path} is not usable: {reason}.',
    remedy: 'Correct the value and send it again.',
  },
  unknown_subject: {
    status: 404,
    message: 'No profile has an identifier in namespace {namespace} with the given value.',
    remedy: 'Check the namespace and value, or send an identify event for the customer first.',
  },
  notice_mismatch: {
    status: 400,
    message: 'The proof does not fit the notice {notice}: {reason}.',
    remedy:
      'Send the version, language and hash that were shown; the query notices lists what was published.',
  },
  confirmation_unknown: {
    status: 404,
    message: 'Nothing waits to be confirmed with this token.',
    remedy:
      'A token counts once and for seven days. Ask the person anew and send them the new one.',
  },
  receipt_signature_invalid: {
    status: 400,
    message: 'The receipt is not signed as this source asks: {reason}.',
    remedy:
      'Nothing of it was taken. Send requestInformation as signed by the platform, or set the key that it signs with.',
  },
  write_conflict: {
    status: 503,
    message: 'The write kept meeting others on the same profiles: {what}.',
    remedy: 'Nothing was stored; send it again.',
  },
  overloaded: {
    status: 429,
    message: 'More than {limit} events wait to be stored.',
    remedy: 'Nothing was stored; send the request again after the Retry-After time.',
  },
  agenda_full: {
    status: 429,
    message: 'Agents are behind: more than {limit} reactions wait.',
    remedy: 'Nothing was stored; send the request again after the Retry-After time.',
  },
  plugin_not_found: {
    status: 404,
    message: 'There is no plugin {plugin}.',
    remedy: 'List the installed plugins with: slateboard plugin list',
  },
  purpose_not_inherited: {
    status: 409,
    message:
      'The agent {agent} works for {purpose}, and {key} may be used for {purposes} by its definition and its sources.',
    remedy:
      'Leave the trait out, or have an officer define it and what it is drawn from for that purpose.',
  },
  trait_owned: {
    status: 409,
    message: 'The trait {key} belongs to {owner}.',
    remedy: 'Give the trait of this plugin another key, or remove the plugin that owns it.',
  },
  trait_not_shared: {
    status: 409,
    message: 'The plugin {plugin} writes the trait {key} of {owner}, which is not shared.',
    remedy:
      'Have the plugin that owns the trait say `shares` of it, or write a trait of your own instead.',
  },
  trait_not_standing: {
    status: 409,
    message: 'The trait {key} of this profile {reason}.',
    remedy: 'Look at the profile as it is now, and decide again.',
  },
  intent_not_conflicted: {
    status: 409,
    message: 'The intent is {state}; a person decides only between such as are opposed.',
    remedy:
      'Look at it with `slateboard intent list --state conflicted`; somebody may have decided.',
  },
  trait_conflict_settled: {
    status: 409,
    message: 'The conflict is settled already.',
    remedy:
      'Look at it with `slateboard conflict list --state settled`; somebody may have decided.',
  },
  no_active_policy: {
    status: 503,
    message: 'Workspace {workspace} has no active policy version, so everything is denied.',
    remedy: 'Activate one with: slateboard policy activate',
  },
  vault_unreadable: {
    status: 500,
    message: 'A sealed value ({field}) does not open with this key.',
    remedy:
      'Start with the SLATEBOARD_MASTER_KEY the data was written with, or restore the row from a backup.',
  },
  ...erasureErrors,
  ...pluginErrors,
  ...activationErrors,
  ...budgetErrors,
  ...objectiveErrors,
  ...policyErrors,
  ...subjectErrors,
  // api
  query_invalid: {
    status: 400,
    message: 'The query does not fit the schema.',
    remedy: 'Correct it; the schema is in api/schema.graphql.',
  },
  query_too_large: {
    status: 400,
    message: 'The {measure} of the query is {value}; at most {limit} is allowed.',
    remedy: 'Ask for fewer fields or smaller pages at a time.',
  },
  address_unavailable: {
    status: 500,
    message: 'Nothing can listen at {host}:{port}.',
    remedy: 'Stop what holds the port, or set HOST and PORT to another address.',
  },
  admin_revoked: {
    status: 500,
    message: 'The admin key given at start was revoked.',
    remedy:
      'Set SLATEBOARD_ADMIN_KEY to a new key, or remove admin.key from the data folder to have one made.',
  },
  command_failed: {
    status: 400,
    message: '{reason}',
    remedy: '{remedy}',
  },
  internal: {
    status: 500,
    message: 'Something failed inside Slateboard.',
    remedy: 'Look up the request id in the log; the cause is recorded there.',
  },
} as const

export type ErrorCode = keyof typeof catalogue
export type ErrorValues = Readonly<Record<string, string | number | boolean>>

/** What a client is shown; `requestId` is added at the HTTP edge. */
export interface ErrorBody {
  code: ErrorCode
  message: string
  remedy: string
}

const fill = (template: string, values: ErrorValues): string =>
  template.replaceAll(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole))

/** The one error class; `code` is a key of the catalogue, `status` the HTTP status it maps to. */
export class SlateboardError extends Error {
  override readonly name = 'SlateboardError'
  readonly code: ErrorCode
  readonly status: number
  readonly remedy: string
  readonly values: ErrorValues
  /** Everything that is wrong, where it was looked for; the message is about the first. */
  readonly problems: readonly Problem[]

  constructor(
    code: ErrorCode,
    values: ErrorValues = {},
    options?: ErrorOptions & { readonly problems?: readonly Problem[] },
  ) {
    const entry = catalogue[code]
    super(fill(entry.message, values), options)
    this.problems = options?.problems ?? []
    this.code = code
    this.status = entry.status
    this.remedy = fill(entry.remedy, values)
    this.values = values
  }

  body(): ErrorBody {
    return { code: this.code, message: this.message, remedy: this.remedy }
  }
}

/** @example throw fail('not_found', { what: 'plugin churn-risk' }) */
export function fail(code: ErrorCode, values: ErrorValues = {}, cause?: unknown): SlateboardError {
  return new SlateboardError(code, values, cause === undefined ? undefined : { cause })
}

/** Any thrown value as a catalogued error: what is not ours becomes `internal`, its text kept only as cause. */
export function asSlateboardError(thrown: unknown): SlateboardError {
  return thrown instanceof SlateboardError ? thrown : fail('internal', {}, thrown)
}
