import { fail, type ErrorCode, type ErrorValues } from '../errors.ts'
import type { ReactInput } from './contract.ts'
import type { RawOutcome } from './engine.ts'
import type { Judged } from './host.ts'
import { mask } from './mask.ts'
import type { Refusal } from './outcome.ts'

const retryable: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'cell_lost',
  'plugin_timeout',
  'plugin_out_of_memory',
  'plugin_not_run',
])

/** An input that no frame takes. */
export const tooLarge = (chars: number, charsMax: number): Judged<never> =>
  failure('bad_input', {
    path: 'profile',
    reason: `its slice has ${chars} characters of ${charsMax}`,
  })

/** What the plugin said, or what happened to it, as the outcome of its item. */
export function judge<Checked>(
  raw: RawOutcome,
  check: (raw: unknown) => { outcome: Checked } | { refusal: Refusal },
  input: ReactInput | undefined,
  who: { plugin: string; agent: string; memoryMb: number },
  timeoutMs: number,
): Judged<Checked> {
  if ('returned' in raw) {
    const verdict = check(raw.returned)
    return 'outcome' in verdict
      ? { ok: true, outcome: verdict.outcome }
      : failure(verdict.refusal.code, verdict.refusal.values)
  }
  if ('threw' in raw) return failure('plugin_threw', { ...who, reason: mask(raw.threw, input) })
  if ('unusable' in raw)
    return failure('plugin_result_invalid', { ...who, reason: mask(raw.unusable, input) })
  if ('lost' in raw) return failure('cell_lost', { ...who, reason: raw.lost })
  return failure(raw.stopped, { ...who, timeoutMs })
}

function failure(code: ErrorCode, values: ErrorValues): Judged<never> {
  return {
    ok: false,
    code,
    message: fail(code, values).message,
    values,
    retryable: retryable.has(code),
  }
}
