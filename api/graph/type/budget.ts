import { glossary } from '../../../core/model/glossary.ts'
import type { BudgetEntryRow, BudgetRow } from '../../../core/read/listBudgets.ts'
import { builder } from '../builder.ts'

const BudgetEntryKind = builder.enumType('BudgetEntryKind', {
  values: { SPEND: { value: 'spend' }, REFUND: { value: 'refund' } } as const,
})

const BudgetEntryType = builder.objectRef<BudgetEntryRow>('BudgetEntry').implement({
  description: 'What was taken of a budget, or came back since its act did not leave.',
  fields: (t) => ({
    kind: t.expose('kind', { type: BudgetEntryKind }),
    amount: t.exposeFloat('amount', { description: 'A whole number.' }),
    reference: t.exposeString('reference', { description: 'What for, such as activation:<id>.' }),
    by: t.exposeString('by', { description: 'agent:<plugin>/<agent> or principal:<id>.' }),
    at: t.expose('at', { type: 'DateTime' }),
  }),
})

export const BudgetEntryConnection = builder.connectionObject({
  type: BudgetEntryType,
  name: 'BudgetEntryConnection',
})

export const BudgetType = builder.objectRef<BudgetRow>('Budget').implement({
  description: glossary.budget,
  fields: (t) => ({
    name: t.exposeString('name'),
    unit: t.exposeString('unit', { description: 'What is counted: whole ones of it.' }),
    cap: t.exposeFloat('cap'),
    spent: t.exposeFloat('spent', { description: 'Never more than the cap.' }),
    left: t.float({ resolve: ({ cap, spent }) => cap - spent }),
    endsAt: t.expose('endsAt', { type: 'DateTime', nullable: true }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime' }),
  }),
})

const costFields = { budget: 'The budget that it is paid from.', amount: 'Whole ones of its unit.' }

export const CostType = builder.objectRef<{ budget: string; amount: number }>('Cost').implement({
  fields: (t) => ({
    budget: t.exposeString('budget', { description: costFields.budget }),
    amount: t.exposeFloat('amount', { description: costFields.amount }),
  }),
})

export const CostInput = builder.inputType('CostInput', {
  fields: (t) => ({
    budget: t.string({ required: true, description: costFields.budget }),
    amount: t.float({ required: true, description: costFields.amount }),
  }),
})
