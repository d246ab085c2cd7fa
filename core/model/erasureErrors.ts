/** What can be wrong with a person who was erased, or is to be; part of the catalogue. */
export const erasureErrors = {
  subject_erased: {
    status: 409,
    message: 'The person with this identifier was erased, and nothing about them is taken.',
    remedy:
      'Take them out of what you send. If they came back by themselves, let a compliance officer lift the tombstone.',
  },
  legal_hold: {
    status: 409,
    message: 'The data of profile {profile} is under legal hold and is not erased.',
    remedy: 'Lift the hold when it has ended, and ask again.',
  },
} as const
