/** What must follow to those who were sent something about a person. */
export const followUpKinds = ['opt_out', 'erasure', 'rectification', 'restriction'] as const
export type FollowUpKind = (typeof followUpKinds)[number]

/**
 * `pending` until its receiver has it. `sent`: handed over to a channel whose receivers do not answer;
 * `acknowledged`: the receiver answered that it has it; `not_supported`: the channel reaches nobody but the
 * person, so there is nobody to tell.
 */
export const followUpStates = [
  'pending',
  'sent',
  'acknowledged',
  'failed',
  'not_supported',
] as const
export type FollowUpState = (typeof followUpStates)[number]

/** From so many tries on somebody should look. */
export const overdueTries = 5
