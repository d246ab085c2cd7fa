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
    message: 'The request {request} refuses {part}, and a person is erased as a whole.',
    remedy:
      'Erasure keeps consents, decisions, activations and requests as evidence, without what tells of the person. If more must stay, refuse the request or restrict instead.',
  },
  request_answer_too_large: {
    status: 500,
    message: 'The package is larger than 4 GB.',
    remedy: 'Refuse the events in part, and hand them over page by page.',
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
