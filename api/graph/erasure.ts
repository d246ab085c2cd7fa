/** How somebody who was erased may return, and how a restored backup is made to forget them again. */
import { fail } from '../../core/errors.ts'
import { letReturn, replayErasures } from '../../core/subject/rights.ts'
import { builder } from './builder.ts'
import { IdentifierInput } from './type/identifier.ts'
import { outcome, UserErrorType, type Outcome } from './type/payload.ts'

/** A page of an export; each erases again what it names. */
const linesMax = 500

const LiftTombstoneInput = builder.inputType('LiftTombstoneInput', {
  fields: (t) => ({
    subject: t.field({ type: IdentifierInput, required: true }),
  }),
})

type Lifted = Awaited<ReturnType<typeof letReturn>>

const LiftTombstonePayload = builder.objectRef<Outcome<Lifted>>('LiftTombstonePayload').implement({
  fields: (t) => ({
    receipt: t.string({
      nullable: true,
      description: 'Of the erasure.',
      resolve: ({ result }) => result?.receiptId ?? null,
    }),
    lifted: t.int({
      description:
        'Identifiers by which the person may be known again: all that were erased together.',
      resolve: ({ result }) => result?.lifted ?? 0,
    }),
    errors: t.expose('errors', { type: [UserErrorType] }),
  }),
})

const ReplayTombstonesInput = builder.inputType('ReplayTombstonesInput', {
  fields: (t) => ({
    lines: t.stringList({ required: true, description: `At most ${linesMax} lines of an export.` }),
  }),
})

type Replayed = Awaited<ReturnType<typeof replayErasures>>

const ReplayTombstonesPayload = builder
  .objectRef<Outcome<Replayed>>('ReplayTombstonesPayload')
  .implement({
    fields: (t) => ({
      restored: t.int({
        description: 'Tombstones that the database did not have.',
        resolve: ({ result }) => result?.restored ?? 0,
      }),
      erased: t.int({
        description: 'Persons who had come back and were erased again.',
        resolve: ({ result }) => result?.erased ?? 0,
      }),
      errors: t.expose('errors', { type: [UserErrorType] }),
    }),
  })

builder.mutationFields((t) => ({
  liftTombstone: t.field({
    type: LiftTombstonePayload,
    description: 'Lets a person who was erased and came back be known again, from now on.',
    args: { input: t.arg({ type: LiftTombstoneInput, required: true }) },
    resolve: (_, { input }, { reader }) => outcome(() => letReturn(reader, input.subject)),
  }),
  replayTombstones: t.field({
    type: ReplayTombstonesPayload,
    description: 'After a restored backup: erases again whom it brought back.',
    args: { input: t.arg({ type: ReplayTombstonesInput, required: true }) },
    resolve: (_, { input: { lines } }, { reader }) =>
      outcome(() => {
        if (lines.length <= linesMax) return replayErasures(reader, lines)
        const reason = `it has ${lines.length} lines; at most ${linesMax} are taken at a time`
        throw fail('bad_input', { path: 'input.lines', reason })
      }),
  }),
}))
