/** Failures around budgets; see core/errors.ts. */
export const budgetErrors = {
  budget_spent: {
    status: 400,
    message: 'The budget {name} has {spent} spent, which is more than a cap of {cap}.',
    remedy: 'Set a cap of {spent} or more; with exactly that nothing more is spent.',
  },
  budget_unit: {
    status: 400,
    message: 'The budget {name} is counted in {unit}, and stays so.',
    remedy: 'Leave the unit as it is, or set a budget of another name.',
  },
} as const
