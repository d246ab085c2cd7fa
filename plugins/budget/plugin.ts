import { cancel, definePlugin, done, type Json, type JsonObject } from 'slateboard/plugin'
import { allocate, type Account } from './allocate.ts'

/** Channels that are told apart; the plugin's state and the traits stay small. */
const channelsMax = 50
/** Who came by themselves cost nothing, and cannot be given anything. */
const direct = 'direct'

export default definePlugin({
  agents: {
    credit: ({ profile, state }) => {
      const totals = objectIn(objectIn(profile.traits['attribution']?.value)['totals'])
      const credited = objectIn(state.profile['credited'])
      const before = objectIn(state.plugin['credits'])
      const credits = { ...before }
      for (const [channel, total] of Object.entries(totals)) {
        const gained = numberIn(objectIn(total), 'value') - numberIn(credited, channel)
        if (gained > 0 && channel !== direct && hasRoom(credits, channel))
          credits[channel] = numberIn(credits, channel) + gained
      }
      const values = Object.entries(totals).map(([channel, total]) => [
        channel,
        numberIn(objectIn(total), 'value'),
      ])
      const isNews = Object.keys(credits).some((channel) => credits[channel] !== before[channel])
      return done({
        state: {
          profile: { credited: Object.fromEntries(values) },
          // What all profiles share is written by one reaction at a time, and only where there is something to add.
          ...(isNews ? { plugin: { credits } } : {}),
        },
      })
    },
    spend: ({ profile, causes }) => {
      const spend = { ...objectIn(profile.traits['ad_spend']?.value) }
      for (const cause of causes) {
        if (cause.kind !== 'event') continue
        const { channel } = cause.properties
        const cents = Math.round(numberIn(cause.properties, 'cents'))
        if (typeof channel === 'string' && cents >= 0 && hasRoom(spend, channel))
          spend[channel] = numberIn(spend, channel) + cents
      }
      return done({ writes: { ad_spend: { value: spend } } })
    },
    allocate: ({ profile, state, config }) => {
      const cap = Math.floor(numberOf(profile.traits['budget_cap']?.value))
      const spend = objectIn(profile.traits['ad_spend']?.value)
      const accounts = accountsOf(spend, objectIn(state.plugin['credits']))
      if (accounts.size === 0) return cancel('no channel is known')
      const before = objectIn(objectIn(profile.traits['budget_allocation']?.value)['channels'])
      // Before the first allocation, money goes where it went.
      const standing = Object.keys(before).length > 0 ? before : spend
      const channels = allocate(
        cap,
        accounts,
        new Map(Object.keys(standing).map((channel) => [channel, numberIn(standing, channel)])),
        { stepMax: numberIn(config, 'stepMax'), shareMin: numberIn(config, 'shareMin') },
      )
      const value = { cap, channels: Object.fromEntries(channels) }
      return done({ writes: { budget_allocation: { value } } })
    },
  },
})

/** Of the channels on which money is spent: others cannot be given any. */
const accountsOf = (spend: JsonObject, credits: JsonObject): Map<string, Account> =>
  new Map(
    Object.keys(spend).map((channel) => [
      channel,
      { spent: numberIn(spend, channel), earned: numberIn(credits, channel) },
    ]),
  )

const hasRoom = (of: JsonObject, channel: string): boolean =>
  Object.hasOwn(of, channel) || (Object.keys(of).length < channelsMax && channel.length <= 60)

const numberOf = (value: Json | undefined): number => (typeof value === 'number' ? value : 0)

const numberIn = (of: JsonObject, key: string): number => numberOf(of[key])

const objectIn = (value: Json | undefined): JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {}
