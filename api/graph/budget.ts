import { setBudget } from '../../core/admin/setBudget.ts'
import { listBudgetEntries, listBudgets, type BudgetRow } from '../../core/read/listBudgets.ts'
import { builder } from './builder.ts'
import { asConnection, checked } from './connection.ts'
import { BudgetEntryConnection, BudgetType } from './type/budget.ts'
import { outcome, UserErrorType, type Outcome } from './type/payload.ts'

const SetBudgetInput = builder.inputType('SetBudgetInput', {
  fields: (t) => ({
    name: t.string({ required: true, description: 'In kebab-case, such as spring-media.' }),
    unit: t.string({
      required: true,
      description: 'What is counted, such as EUR cent. It stays as it was first said.',
    }),
    cap: t.float({
      required: true,
      description: 'A whole number; at least what is spent, and with that nothing more is.',
    }),
    endsAt: t.field({ type: 'DateTime', description: 'From then on nothing is spent.' }),
  }),
})

const SetBudgetPayload = builder
  .objectRef<Outcome<BudgetRow | null>>('SetBudgetPayload')
  .implement({
    fields: (t) => ({
      budget: t.field({ type: BudgetType, nullable: true, resolve: ({ result }) => result }),
      errors: t.expose('errors', { type: [UserErrorType] }),
    }),
  })

builder.objectField(BudgetType, 'entries', (t) =>
  t.field({
    type: BudgetEntryConnection,
    description: 'What was booked of it, the newest first.',
    args: { first: t.arg.int(), after: t.arg.string() },
    resolve: async ({ name }, page, { reader }) =>
      asConnection(
        await listBudgetEntries(reader, name, checked(page)),
        ({ id }) => id,
        page.after,
      ),
  }),
)

builder.queryField('budgets', (t) =>
  t.field({ type: [BudgetType], resolve: (_, __, { reader }) => listBudgets(reader) }),
)

builder.mutationField('setBudget', (t) =>
  t.field({
    type: SetBudgetPayload,
    description: 'Sets a budget, or the cap and the end of one that there is.',
    args: { input: t.arg({ type: SetBudgetInput, required: true }) },
    resolve: (_, { input }, { reader }) =>
      outcome(async () => {
        const [budget] = await listBudgets(reader, [await setBudget(reader, input)])
        return budget ?? null
      }),
  }),
)
