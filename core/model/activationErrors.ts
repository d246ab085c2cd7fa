/** The part of the error catalogue that is about activations that wait for a person, and what follows them. */
export const activationErrors = {
  activation_not_held: {
    status: 409,
    message: 'The activation is {state}, so there is nothing to answer.',
    remedy:
      'Only what is held waits for a person; list it with activations(filter: {state: HELD}).',
  },
  activation_own_approval: {
    status: 403,
    message: 'The activation was proposed by {principal}, who cannot approve it.',
    remedy: 'Ask somebody else who may approve activations.',
  },
  activation_not_for_approval: {
    status: 409,
    message: 'The activation is held for {reason}, which no approval lifts.',
    remedy:
      'It goes on by itself once the cause is gone; refuse it if it is not to be sent at all.',
  },
  follow_up_not_retryable: {
    status: 409,
    message: 'The follow-up is {state}, so there is nothing to try again.',
    remedy: 'List those that are not taken with: slateboard follow-up list --overdue',
  },
} as const
