import { definePlugin, done } from 'slateboard/plugin'

export default definePlugin({
  agents: {
    tally: ({ profile, causes }) => {
      const before = Number(profile.traits['orders_seen']?.value ?? 0)
      return done({ writes: { orders_seen: { value: before + causes.length } } })
    },
    follow: ({ profile }) =>
      done({ writes: { orders_followed: { value: profile.traits['orders_seen']?.value ?? 0 } } }),
  },
})
