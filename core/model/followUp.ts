/** What must follow to those who were sent something about a person. */
export const followUpKinds = ['opt_out', 'erasure', 'rectification', 'restriction'] as const
export type FollowUpKind = (typeof followUpKinds)[number]
