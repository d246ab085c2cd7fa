import type { TraitDefinition } from '../../core/model/trait.ts'

/** A rule as an author would write it, to be varied. */
export const permit = {
  id: 'permit',
  sentence: 'Apps see the plan of a customer.',
  effect: 'permit',
  roles: ['app'],
  action: 'read',
  subject: 'Profile',
  purposes: ['service'],
  fields: ['trait:plan'],
  reason: 'permitted',
}

/** Likewise of an activation. */
export const leave = {
  ...permit,
  id: 'leave',
  action: 'activate',
  subject: 'Activation',
  fields: undefined,
  channels: ['email'],
}

export const trait = (key: string, part: Partial<TraitDefinition> = {}): TraitDefinition => ({
  key,
  dataClass: 'none',
  purposes: [],
  owner: null,
  ...part,
})
