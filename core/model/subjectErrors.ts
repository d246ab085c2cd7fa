/** Failures of what data subjects ask for; part of the catalogue in `core/errors.ts`. */
export const subjectErrors = {
  request_unknown: {
    status: 404,
    message: 'There is no request {request}.',
    remedy: 'List the requests with: slateboard subject status',
  },
  request_step_refused: {
    status: 409,
    message: 'The request {request} is {state} and can no longer be {act}.',
    remedy: 'Look at its history; a request that has ended stays as it is. Open another.',
  },
  request_wrong_kind: {
    status: 409,
    message: 'The request {request} is for {kind}, which {act} does not answer.',
    remedy: 'Open a request of the kind that the person asked for.',
  },
  request_subject_unknown: {
    status: 409,
    message: 'Nobody was found for the request {request}.',
    remedy: 'Refuse it with the reason no_match, or open one with an identifier that is known.',
  },
  identity_unverified: {
    status: 403,
    message:
      'The request {request} is answered once the person is {needed}, and they are known as: {level}.',
    remedy:
      'Record how they showed who they are with verifySubject, or refuse with insufficient_verification.',
  },
  request_not_extendable: {
    status: 409,
    message: 'The time of request {request} cannot be extended: {reason}.',
    remedy: 'Answer it in time, or in part, with the reason for each part that is refused.',
  },
  request_unanswered: {
    status: 409,
    message: 'Nothing has been done for the request {request}, so it is not completed.',
    remedy: 'Do what it asks for first ({kind}), or refuse it with a reason.',
  },
  objection_absolute: {
    status: 409,
    message: 'An objection to {purpose} is absolute and cannot be refused.',
    remedy: 'Record it. Art. 21(3): data is then no longer used for direct marketing.',
  },
  erasure_not_partial: {
    status: 409,
    message: 'The request {request} refuses {part} for {reason}, and that is not kept.',
    remedy:
      'Single traits (trait:<key>) are kept for legal_obligation, legal_claims, public_interest or freedom_of_expression, of one person at a time; consents, decisions, activations and requests stay as evidence, without what tells of the person. If more must stay, refuse the request or restrict instead.',
  },
  kept_trait_unknown: {
    status: 409,
    message: 'The person has no {part} that could be kept.',
    remedy:
      'Nothing was erased. Look at the traits of the profile, and refuse the part that was meant; a part that is refused by mistake is taken back by a new request.',
  },
  request_answer_too_large: {
    status: 500,
    message: 'The package is larger than 4 GB.',
    remedy: 'Refuse the events in part, and hand them over page by page.',
  },
  identifier_not_theirs: {
    status: 409,
    message: 'No {namespace} of the person is the one that is said to be wrong.',
    remedy: 'Look at the identifiers of their profile; the value may have been corrected before.',
  },
  identifier_taken: {
    status: 409,
    message: 'The {namespace} that is said to be right belongs to another person.',
    remedy:
      'A correction makes no two persons one. If both are the same, let an event that carries both identifiers say so; if the other has it wrongly, correct the other first.',
  },
  identifier_joins: {
    status: 409,
    message:
      'Without the wrong {namespace} nothing says that what is left is one person, or it brought a history of its own.',
    remedy:
      'Name what came with it as wrong too. What two persons did under one profile is not told apart; refuse the part identifiers, or erase.',
  },
  identifier_last: {
    status: 409,
    message: 'The wrong {namespace} is all that the person is known by.',
    remedy: 'Say which one is right in its place.',
  },
  trait_not_concluded: {
    status: 409,
    message: 'The trait {key} of this person is not something that an agent concluded.',
    remedy: 'Open a request for rectification for what sources or people said.',
  },
  trait_concluded: {
    status: 409,
    message: 'The trait {key} is concluded by an agent from other values.',
    remedy: 'Rectify what it is concluded from; the agent is woken and concludes anew.',
  },
} as const
