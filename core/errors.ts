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
    remedy: 'Free disk space on the database server; nothing acknowledged was lost. Send the request again.',
  },
  migration_failed: {
    status: 500,
    message: 'Migration {migration} failed: {reason}.',
    remedy: 'The database is unchanged by it. Mend the cause and start again.',
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
  vault_unreadable: {
    status: 500,
    message: 'A sealed value ({field}) does not open with this key.',
    remedy: 'Start with the SLATEBOARD_MASTER_KEY the data was written with, or restore the row from a backup.',
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

  constructor(code: ErrorCode, values: ErrorValues = {}, options?: ErrorOptions) {
    const entry = catalogue[code]
    super(fill(entry.message, values), options)
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
