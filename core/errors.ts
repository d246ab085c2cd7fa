import type { Problem } from './model/problem.ts'

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
  plugin_not_found: {
    status: 404,
    message: 'There is no plugin {plugin}.',
    remedy: 'List the installed plugins with: slateboard plugin list',
  },
  trait_owned: {
    status: 409,
    message: 'The trait {key} belongs to {owner}.',
    remedy: 'Give the trait of this plugin another key, or remove the plugin that owns it.',
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
  // plugins
  manifest_invalid: {
    status: 422,
    message: 'plugin.json cannot be used: {problems}.',
    remedy: 'Correct plugin.json; core/host/plugin.schema.json describes it.',
  },
  plugin_incompatible: {
    status: 422,
    message: 'Plugin {plugin} {version} accepts Slateboard {range}; this is {productVersion}.',
    remedy:
      'Install a version of the plugin made for this Slateboard, or widen engines.slateboard.',
  },
  plugin_file_refused: {
    status: 422,
    message: 'The plugin file {file} is refused: {reason}.',
    remedy:
      'A plugin is a folder of plain files with plugin.json on top; mend the file and try again.',
  },
  plugin_import_refused: {
    status: 422,
    message: 'The plugin imports "{specifier}" in {file}.',
    remedy:
      'Import slateboard/plugin and files of the plugin folder only; bundle other code into main.',
  },
  plugin_bundle_failed: {
    status: 422,
    message: 'The plugin code does not compile: {reason}.',
    remedy: 'Mend the code at the place named and try again.',
  },
  plugin_load_failed: {
    status: 422,
    message: 'Plugin {plugin} does not load: {reason}.',
    remedy:
      'Try it with `slateboard plugin try <folder>`; main must export definePlugin({ agents }).',
  },
  plugin_not_loaded: {
    status: 404,
    message: 'No plugin is loaded under {plugin}.',
    remedy: 'Load the plugin first; it may have been removed or replaced.',
  },
  plugin_already_loaded: {
    status: 409,
    message: 'A plugin is already loaded under {plugin}.',
    remedy: 'Load the new version under a key of its own and unload the old one afterwards.',
  },
  agent_unknown: {
    status: 404,
    message: 'Plugin {plugin} has no agent {agent}.',
    remedy: 'Use an agent id from its plugin.json.',
  },
  plugin_threw: {
    status: 502,
    message: '{plugin}/{agent} threw: {reason}.',
    remedy: 'Mend the handler; the same input reproduces it in a trial.',
  },
  plugin_result_invalid: {
    status: 502,
    message: '{plugin}/{agent} returned something unusable: {reason}.',
    remedy:
      'Return done(), snooze() or cancel() from slateboard/plugin with JSON values of at most 64 KB.',
  },
  plugin_timeout: {
    status: 504,
    message: '{plugin}/{agent} did not finish within {timeoutMs} ms.',
    remedy:
      'Do less per call or raise timeoutMs (up to 1000); a promise must settle without outside help.',
  },
  plugin_out_of_memory: {
    status: 502,
    message: '{plugin}/{agent} used more than {memoryMb} MB.',
    remedy: 'Keep less in memory; the plugin was started afresh.',
  },
  plugin_not_run: {
    status: 503,
    message:
      '{plugin}/{agent} was not run on this item: too many others of its batch hung or used up memory.',
    remedy: 'Nothing was committed for it; it will be tried again.',
  },
  cell_lost: {
    status: 503,
    message: 'The sandbox process that ran {plugin}/{agent} ended: {reason}.',
    remedy: 'Nothing was committed; it is restarted by itself and the call can be repeated.',
  },
  sandbox_unavailable: {
    status: 503,
    message: 'The plugin sandbox does not start: {reason}.',
    remedy:
      'Run `slateboard doctor`; Node 26 and a prebuilt isolated-vm for this platform are needed.',
  },
  host_closed: {
    status: 503,
    message: 'The plugin host is closed.',
    remedy: 'The process is stopping; send the call to another node or after the restart.',
  },
  effect_not_declared: {
    status: 502,
    message: '{plugin}/{agent} is not declared to {effect}.',
    remedy:
      'Declare it in plugin.json (writes, proposes, holds, network) and have the change approved.',
  },
  trait_value_invalid: {
    status: 502,
    message: '{plugin}/{agent} wrote a value for {key} that its schema refuses: {reason}.',
    remedy: 'Return a value that fits traits[].schema in plugin.json, or correct the schema.',
  },
  trial_input_undeclared: {
    status: 422,
    message: 'The trial gives {plugin}/{agent} {input}, which it does not declare to read.',
    remedy:
      'Add it to reads in plugin.json, or leave it out: in production the agent would not see it.',
  },
  // policies
  policy_invalid: {
    status: 400,
    message: 'The policy is not usable: {path} is {value}: {reason}.{more}',
    remedy: '{remedy}',
  },
  policy_problems: {
    status: 400,
    message: 'The policy is not usable; problems found: {count}.',
    remedy: 'Mend them from the top, since one may be the cause of another.',
  },
  condition_invalid: {
    status: 400,
    message: 'The condition names {what}: {reason}.',
    remedy: '{remedy}',
  },
  // life of a policy
  policy_unknown: {
    status: 404,
    message: 'There is no policy version {number}.',
    remedy: 'See which there are with: slateboard policy list',
  },
  policy_not_ready: {
    status: 409,
    message: 'Policy version {number} is {status}, so it cannot be {wanted}.',
    remedy: '{remedy}',
  },
  policy_own_approval: {
    status: 403,
    message: 'Policy version {number} was written by {author}, who cannot approve it.',
    remedy: 'Ask somebody else who may approve policies.',
  },
  policy_approved_before: {
    status: 409,
    message: 'Policy version {number} has the approval of {approver} already.',
    remedy: 'Each approval is another person; ask one who has not approved it yet.',
  },
  policy_needs_approvals: {
    status: 409,
    message:
      'Policy version {number} has {approvals} of the {needed} approvals that it needs{why}.',
    remedy:
      'Have others approve it with: slateboard policy approve {number}. In an emergency, activate it with --break-glass.',
  },
  policy_tests_failed: {
    status: 422,
    message:
      "{failures} of the cells of the policy's tests are wrong. Table {table}, {cell}: wanted {wanted}, got {got}, decided by {rule}.",
    remedy:
      'Correct the rule or, if the answer is what you want, the table; see all with: slateboard policy test',
  },
  policy_overtaken: {
    status: 409,
    message: 'Policy version {active} came into force while version {number} was being looked at.',
    remedy: 'Look at the difference again (slateboard policy diff {number}) and repeat the step.',
  },
  policy_shadow_taken: {
    status: 409,
    message: 'Policy version {shadow} is in shadow already.',
    remedy: 'Approve or withdraw it first; one version at a time is compared.',
  },
  policy_no_way_back: {
    status: 409,
    message: 'There is no way back to {target}.',
    remedy:
      'A rollback goes to what was in force before, one step or several; propose anything else as a new version.',
  },
  simulation_running: {
    status: 409,
    message: 'Another simulation goes through the profiles of this workspace.',
    remedy: 'Wait until it is done, or cancel it.',
  },
  // traits
  trait_schema_invalid: {
    status: 400,
    message: '{path} is not usable: {reason}.',
    remedy:
      'Use the keywords of JSON Schema that bound a value: type, enum, const, minimum, maximum, multipleOf, minLength, maxLength, format, items, minItems, maxItems, uniqueItems, properties, required, additionalProperties.',
  },
  trait_version_outdated: {
    status: 409,
    message: 'The definition of {key} is at version {current}, and the change was made to {given}.',
    remedy:
      'Look at the definition as it is now (slateboard trait show), and make the change to it.',
  },
  trait_class_too_open: {
    status: 409,
    message: 'The plugin {plugin} declares {key} as {class}; {given} asks for less care.',
    remedy: 'Keep the class or choose a stricter one, or install a version that declares another.',
  },
  trait_in_policy: {
    status: 409,
    message:
      'The policy in force asks for the value of {key} (rules {rules}), and class {class} is sealed.',
    remedy:
      'Change these rules first: once sealed, the value is missing for every condition, and a forbid on it would no longer match.',
  },
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
