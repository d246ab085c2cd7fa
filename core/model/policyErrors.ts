/** Failures of policies and of what they are about; part of the catalogue in `core/errors.ts`. */
export const policyErrors = {
  policy_invalid: {
    status: 400,
    message: 'The policy is not usable: {path} is {value}: {reason}.{more}',
    remedy: '{remedy}',
  },
  policy_problems: {
    status: 400,
    message: 'The policy is not usable; problems found: {count}.',
    remedy: 'Mend them from the top, since one may be the cause of another.',
  },
  condition_invalid: {
    status: 400,
    message: 'The condition names {what}: {reason}.',
    remedy: '{remedy}',
  },
  // life of a policy
  policy_unknown: {
    status: 404,
    message: 'There is no policy version {number}.',
    remedy: 'See which there are with: slateboard policy list',
  },
  policy_not_ready: {
    status: 409,
    message: 'Policy version {number} is {status}, so it cannot be {wanted}.',
    remedy: '{remedy}',
  },
  policy_own_approval: {
    status: 403,
    message: 'Policy version {number} was written by {author}, who cannot approve it.',
    remedy: 'Ask somebody else who may approve policies.',
  },
  policy_approved_before: {
    status: 409,
    message: 'Policy version {number} has the approval of {approver} already.',
    remedy: 'Each approval is another person; ask one who has not approved it yet.',
  },
  policy_needs_approvals: {
    status: 409,
    message:
      'Policy version {number} has {approvals} of the {needed} approvals that it needs{why}.',
    remedy:
      'Have others approve it with: slateboard policy approve {number}. In an emergency, activate it with --break-glass.',
  },
  policy_tests_failed: {
    status: 422,
    message:
      "{failures} of the cells of the policy's tests are wrong. Table {table}, {cell}: wanted {wanted}, got {got}, decided by {rule}.",
    remedy:
      'Correct the rule or, if the answer is what you want, the table; see all with: slateboard policy test',
  },
  policy_overtaken: {
    status: 409,
    message: 'Policy version {active} came into force while version {number} was being looked at.',
    remedy: 'Look at the difference again (slateboard policy diff {number}) and repeat the step.',
  },
  policy_shadow_taken: {
    status: 409,
    message: 'Policy version {shadow} is in shadow already.',
    remedy: 'Approve or withdraw it first; one version at a time is compared.',
  },
  policy_no_way_back: {
    status: 409,
    message: 'There is no way back to {target}.',
    remedy:
      'A rollback goes to what was in force before, one step or several; propose anything else as a new version.',
  },
  simulation_running: {
    status: 409,
    message: 'Another simulation goes through the profiles of this workspace.',
    remedy: 'Wait until it is done, or cancel it.',
  },
  // traits
  trait_schema_invalid: {
    status: 400,
    message: '{path} is not usable: {reason}.',
    remedy:
      'Use the keywords of JSON Schema that bound a value: type, enum, const, minimum, maximum, multipleOf, minLength, maxLength, format, items, minItems, maxItems, uniqueItems, properties, required, additionalProperties.',
  },
  trait_version_outdated: {
    status: 409,
    message: 'The definition of {key} is at version {current}, and the change was made to {given}.',
    remedy:
      'Look at the definition as it is now (slateboard trait show), and make the change to it.',
  },
  trait_class_too_open: {
    status: 409,
    message: 'The plugin {plugin} declares {key} as {class}; {given} asks for less care.',
    remedy: 'Keep the class or choose a stricter one, or install a version that declares another.',
  },
  trait_in_policy: {
    status: 409,
    message:
      'The policy in force asks for the value of {key} (rules {rules}), and class {class} is sealed.',
    remedy:
      'Change these rules first: once sealed, the value is missing for every condition, and a forbid on it would no longer match.',
  },
} as const
