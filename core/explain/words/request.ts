import type { Words } from '../sentence.ts'
import { technical } from './shared.ts'

/** The request itself, and whether anything stops all like it. */
export const requestWords = {
  ok: {
    officer:
      'The request is complete: the purpose {purpose}, the channel {channel} and its fields are known.',
    integrator: 'The proposal is well formed.',
    subject: 'The request was complete.',
  },
  channel_unknown: {
    officer: 'No channel called {channel} is installed.',
    integrator: 'Propose a channel that is installed; {channel} is not, or its plugin was removed.',
    subject: technical,
  },
  destination_required: {
    officer: 'The channel {channel} has to be told where to deliver, and was not.',
    integrator: 'Give a `destination` with the proposal, such as the URL of the webhook.',
    subject: technical,
  },
  field_unknown: {
    officer: 'Not every field is a registered trait: {traits}.',
    integrator: 'Register {traits} as a trait, or leave it out of `fields`.',
    subject: technical,
    article: 'Art. 5(1)(c) GDPR',
  },
} as const satisfies Record<string, Words>

export const killSwitchWords = {
  ok: {
    officer: 'Nothing that it needs was paused, and a policy was in force.',
    integrator: 'Nothing is paused.',
    subject: 'Nothing was stopped.',
  },
  workspace_paused: {
    officer: 'The whole workspace was paused.',
    integrator: 'Propose again once the operator has resumed the workspace.',
    subject: technical,
  },
  plugin_paused: {
    officer: 'The plugin behind {proposer} was paused or removed.',
    integrator: 'Have the plugin resumed or installed again; its agent {proposer} is not active.',
    subject: technical,
  },
  channel_paused: {
    officer: 'The channel {channel} was paused.',
    integrator: 'Propose again once the operator has resumed the channel {channel}.',
    subject: technical,
  },
  proposer_revoked: {
    officer: 'The key of {proposer} had been revoked, so it speaks for nobody.',
    integrator: 'Propose with a key that is valid; that of {proposer} was revoked.',
    subject: technical,
    article: 'Art. 32 GDPR',
  },
} as const satisfies Record<string, Words>

export const manifestWords = {
  ok: {
    officer: 'The manifest of {proposer} declares this purpose, channel and every field.',
    integrator: 'The manifest declares it.',
    subject: 'The program that asked may ask for this.',
  },
  not_an_agent: {
    officer: 'It was proposed with a key and not by an agent, so no manifest binds it.',
    integrator: 'No manifest applies: it was proposed with a key.',
    subject: 'A member of staff or a system of ours asked for this.',
  },
  not_declared: {
    officer:
      '{proposer} proposed what its manifest does not declare: {purpose} by {channel}, with these fields: {fields}.',
    integrator:
      'Declare under `proposes` of the agent: purpose {purpose}, channel {channel}, fields {fields}. Then install the new version.',
    subject: 'A program asked for more than it is allowed to ask for, so it got nothing.',
    article: 'Art. 25 GDPR',
  },
} as const satisfies Record<string, Words>
