/**
 * One word per thing. Code, SQL, GraphQL and docs use these words and no other; the GraphQL
 * descriptions are taken from here.
 */
export const glossary = {
  workspace: 'The tenant; every row belongs to one.',
  source: 'Where events come from; holds a write key.',
  event: 'An immutable fact that arrived: identify, track, page, screen, group or alias.',
  identifier: 'A (namespace, value) pair such as email or user_id that points at a profile.',
  edge: 'Evidence that two identifiers are the same person. Profiles are the connected components of edges.',
  profile: 'One customer: identifiers, traits, consent, history.',
  trait: 'One named attribute on a profile, with value, confidence, author, revision and times.',
  traitDefinition: 'The registered schema of a trait: type, data class, purposes, owner.',
  traitConflict:
    'What an agent said of a trait and did not stand, because another agent, or a commitment, said otherwise.',
  intent: 'What an agent announces before it acts, so that others can veto it or prepare.',
  change: 'One row of the append-only log of writes to the blackboard, with author and cause.',
  plugin: 'An installable package: manifest and code; contributes agents and trait definitions.',
  agent:
    'A knowledge source: declared triggers, reads, writes and purpose, and the code that reacts.',
  reaction: 'One pending or finished run of one agent on one profile.',
  agenda: 'The set of pending reactions.',
  purpose:
    'Why data is processed, such as marketing.promotion; every read, write and activation names one.',
  consent: 'A ledger entry: subject, purpose, channel, decision, lawful basis, proof, validity.',
  activation: 'A proposed act towards the outside.',
  channel: 'How an activation leaves: email, webhook.',
  gate: 'What decides an activation: allow, refuse or hold, with the verdict of every check.',
  decision: 'The recorded answer of the gate, with its evidence.',
  policyVersion:
    'An immutable numbered set of rules and their tests: draft, proposed, shadow, approved, active, retired.',
  limit:
    'What a policy says about how often, when, how old and in which form something may leave, and from which risk on a person approves it.',
  approval: 'What a person says to an activation that is held for them.',
  objective: 'A number of all profiles that is to be brought to a target by plans of tasks.',
  task: 'A step toward an objective, done by a performer that sees no person.',
  skill: 'What a performer can do; several may offer the same.',
  performer: 'What does tasks of objectives; contributed by plugins.',
  budget: 'What acts may cost in all. What is spent never exceeds its cap.',
  simulation: 'What a policy would change for all profiles, worked out before it applies.',
  subjectRequest:
    'What a data subject asks for: access, portability, rectification, restriction, objection, review of a decision, erasure.',
  followUp:
    'What must follow to a destination that was sent something: an opt-out, erasure, rectification or restriction.',
  principal: 'Someone or something that calls the API: a role, purposes and a key.',
} as const
