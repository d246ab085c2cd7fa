import type { Words } from '../sentence.ts'

const ours = 'Something changes on our side.'

/** What would have to be otherwise, as a sentence that says it is so. */
export const changeWords = {
  give_destination: {
    officer: 'The proposal names a destination.',
    integrator: 'Give a `destination` with the proposal.',
    subject: ours,
  },
  use_channel: {
    officer: 'It goes by {channel} instead.',
    integrator: 'Propose it for the channel {channel}.',
    subject: 'We use another way to reach you.',
  },
  drop_field: {
    officer: 'It goes without the field {trait}.',
    integrator: 'Leave {trait} out of `fields`.',
    subject: 'Less of your data is used.',
  },
  drop_content: {
    officer: 'The content goes without {trait}.',
    integrator: 'Leave {trait} out of `content`.',
    subject: 'Less of your data is used.',
  },
  declare_field: {
    officer: 'The proposal declares the field {trait}.',
    integrator: 'Name {trait} in `fields`.',
    subject: ours,
  },
  declare_in_manifest: {
    officer: 'The manifest of {proposer} declares it: {purpose} by {channel}, fields {fields}.',
    integrator:
      'Install a version whose manifest declares under `proposes`: purpose {purpose}, channel {channel}, fields {fields}.',
    subject: ours,
  },
  register_trait: {
    officer: 'The trait {trait} is registered.',
    integrator: 'Register {trait} as a trait that may be used for {purpose}.',
    subject: ours,
  },
  widen_definition: {
    officer:
      'The definition of {trait}, and of what it is derived from, names {purpose} among its purposes.',
    integrator: 'Have {purpose} added to the purposes of {trait}.',
    subject: ours,
  },
  drop_requirement: {
    officer: 'The proposal can do without {trait}.',
    integrator: 'Take {trait} out of `requires`.',
    subject: 'Less of your data is used.',
  },
  raise_budget: {
    officer: 'The cap of the budget {budget} leaves {amount} to spend instead of {left}.',
    integrator:
      'An operator raises the cap of the budget {budget}: {amount} is to be spent, {left} is left.',
    subject: ours,
  },
  approve: {
    officer: 'A human approves it.',
    integrator: 'A human approves it.',
    subject: 'A person looks at it and agrees.',
  },
  drop_limit: {
    officer: 'The limit {limit} is taken out of the policy: {sentence}',
    integrator: 'The officer takes the limit {limit} out of the policy.',
    subject: 'We change our own rules.',
  },
  resume_workspace: {
    officer: 'The workspace is resumed.',
    integrator: 'Have the workspace resumed.',
    subject: ours,
  },
  resume_plugin: {
    officer: 'The plugin of {proposer} is resumed or installed again.',
    integrator: 'Have the plugin of {proposer} resumed or installed again.',
    subject: ours,
  },
  resume_channel: {
    officer: 'The channel {channel} is resumed.',
    integrator: 'Have the channel {channel} resumed.',
    subject: ours,
  },
  renew_key: {
    officer: 'It is proposed with a key that is valid.',
    integrator: 'Propose it with a key that is valid.',
    subject: ours,
  },
  grant_consent: {
    officer: 'The person grants {purpose} by {channel}.',
    integrator: 'Have a grant of the person for {purpose} by {channel} recorded.',
    subject: 'You agree to it.',
  },
  guardian_grant: {
    officer: 'A guardian who was verified grants {purpose} by {channel}.',
    integrator:
      'Have a grant of a guardian for {purpose} by {channel} recorded, with how they were verified.',
    subject: 'A parent or guardian agrees to it.',
  },
  lift_objection: {
    officer: 'The person takes back the objection to {purpose}.',
    integrator: 'The person takes back the objection to {purpose}.',
    subject: 'You take back your objection.',
  },
  lift_gpc: {
    officer: 'The person’s browser no longer sends Global Privacy Control.',
    integrator: 'The person’s browser no longer sends Global Privacy Control.',
    subject: 'You switch off the privacy signal in your browser.',
  },
  lift_restriction: {
    officer: 'The restriction is lifted, of which the person is told before (Art. 18(3)).',
    integrator: 'The restriction of this profile is lifted.',
    subject: 'You ask us to lift the restriction.',
  },
  lift_legal_hold: {
    officer: 'The data is no longer needed as evidence, and the hold is lifted.',
    integrator: 'The legal hold on this profile is lifted.',
    subject: ours,
  },
  correct_age: {
    officer: 'It is shown that the person is of age.',
    integrator: 'It is recorded that the person is of age.',
    subject: 'You show us that you are of age.',
  },
  set_jurisdiction: {
    officer: 'It is recorded that the law of {jurisdiction} applies.',
    integrator: 'The jurisdiction of the profile is {jurisdiction}.',
    subject: 'Where you live is recorded otherwise.',
  },
  release_hold: {
    officer: '{agent} releases its hold on {purpose}.',
    integrator: '{agent} releases its hold on {purpose}.',
    subject: 'What is still open is settled.',
  },
  remove_trait: {
    officer: 'The profile no longer has the value it has now for {trait}.',
    integrator: 'The trait {trait} is removed or changed.',
    subject: 'What we have recorded about you changes.',
  },
  set_trait: {
    officer: 'The profile has {trait} = {value}.',
    integrator: 'The trait {trait} is {value}.',
    subject: 'What we have recorded about you changes.',
  },
  drop_rule: {
    officer: 'The rule {rule} is taken out of the policy: {sentence}',
    integrator: 'The officer takes the rule {rule} out of the policy.',
    subject: 'We change our own rules.',
  },
  add_rule: {
    officer: 'The policy gets a rule that permits {proposer} to activate {purpose} by {channel}.',
    integrator:
      'The officer adds a rule that permits {proposer} to activate {purpose} by {channel}.',
    subject: 'We change our own rules.',
  },
  wait: {
    officer: 'It is decided at {until} or later.',
    integrator: 'Propose it at {until} or later.',
    subject: 'Time passes, until {day}.',
  },
  withdraw_consent: {
    officer: 'The person withdraws {purpose} by {channel}.',
    integrator: 'The person withdraws {purpose} by {channel}.',
    subject: 'You withdraw your consent.',
  },
  object: {
    officer: 'The person objects to {purpose}.',
    integrator: 'The person objects to {purpose}.',
    subject: 'You object.',
  },
  send_gpc: {
    officer: 'The person’s browser sends Global Privacy Control.',
    integrator: 'The person’s browser sends Global Privacy Control.',
    subject: 'You switch on the privacy signal in your browser.',
  },
  restrict: {
    officer: 'The person has processing restricted.',
    integrator: 'Processing of this profile is restricted.',
    subject: 'You ask us to restrict the use of your data.',
  },
  erase: {
    officer: 'The person is erased.',
    integrator: 'The person is erased.',
    subject: 'You have your data erased.',
  },
  pause_workspace: {
    officer: 'The workspace is paused.',
    integrator: 'The workspace is paused.',
    subject: ours,
  },
} as const satisfies Record<string, Words>

export type ChangeCode = keyof typeof changeWords

/** How the answer begins, by what it leads to. */
export const flipWords = {
  allow: {
    one: {
      officer: 'It would be allowed if one thing were otherwise.',
      integrator: 'It would be allowed with one change.',
      subject: 'It would be done if one thing were otherwise.',
    },
    several: {
      officer: 'It would be allowed if {count} things were otherwise.',
      integrator: 'It would be allowed with {count} changes.',
      subject: 'It would be done if {count} things were otherwise.',
    },
    many: {
      officer: 'More than three things would have to be otherwise.',
      integrator: 'More than three changes would be needed.',
      subject: 'There is nothing simple that would change this.',
    },
    none: {
      officer: 'Nothing that is in anybody’s power would have it allowed ({reason}).',
      integrator: 'No small change would have it allowed ({reason}).',
      subject: 'There is nothing simple that would change this.',
    },
  },
  refuse: {
    one: {
      officer: 'It would be refused if one thing were otherwise.',
      integrator: 'It would be refused with one change.',
      subject: 'It would not be done if one thing were otherwise.',
    },
    several: {
      officer: 'It would be refused if {count} things were otherwise.',
      integrator: 'It would be refused with {count} changes.',
      subject: 'It would not be done if {count} things were otherwise.',
    },
    many: {
      officer: 'No single change would have it refused.',
      integrator: 'No single change would have it refused.',
      subject: 'There is nothing simple that would change this.',
    },
    none: {
      officer: 'No single change would have it refused.',
      integrator: 'No single change would have it refused.',
      subject: 'There is nothing simple that would change this.',
    },
  },
} as const satisfies Record<'allow' | 'refuse', Record<'one' | 'several' | 'many' | 'none', Words>>
