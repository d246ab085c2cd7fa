/** Failures around objectives; see core/errors.ts. */
export const objectiveErrors = {
  objective_unmeasured: {
    status: 400,
    message: 'There is nothing to change by a share: the metric covers fewer than ten persons.',
    remedy: 'Give a target of your own, or a metric that more persons have.',
  },
  objective_reached: {
    status: 400,
    message: 'The metric is {baseline}, and the target {target} is reached already.',
    remedy: 'Set a target that is still ahead, or the other direction.',
  },
  objective_state: {
    status: 409,
    message: 'The objective is {state}, so nobody can {act}.',
    remedy: 'See where it stands with: slateboard objective list',
  },
  task_state: {
    status: 409,
    message: 'The task is {state}, so nobody can {act} it.',
    remedy:
      'What waits or is halted can be edited or skipped, and what is halted tried again: slateboard objective show <id>',
  },
} as const
