import { definePlugin, done } from 'slateboard/plugin'

const numberOf = (value: unknown): number => (typeof value === 'number' ? value : 0)

export default definePlugin({
  agents: {
    first: ({ profile, causes }) => {
      const before = numberOf(profile.traits['first_seen_total']?.value)
      return done({ writes: { first_seen_total: { value: before + causes.length } } })
    },
    second: ({ profile }) => {
      const before = numberOf(profile.traits['second_total']?.value)
      const first = numberOf(profile.traits['first_seen_total']?.value)
      return done({ writes: { second_total: { value: before + first } } })
    },
  },
})
