import { cancel, definePlugin, done, type Json, type JsonObject } from 'slateboard/plugin'

const promotion = 'marketing.promotion'
/** Views from which somebody counts as interested. */
const interestedFrom = 1

export default definePlugin({
  agents: {
    insight: ({ profile, causes }) => {
      const before = profile.traits['interest']?.value
      const views = causes.filter(({ kind }) => kind === 'event').length
      return done({
        writes: { interest: { value: (typeof before === 'number' ? before : 0) + views } },
      })
    },

    promote: ({ profile }) => {
      const interest = profile.traits['interest']?.value
      if (typeof interest !== 'number' || interest < interestedFrom)
        return cancel('they are not interested')
      return done({
        writes: { campaign: { value: 'sent' } },
        activations: [
          { purpose: promotion, channel: 'webhook', content: { template: 'wishlist' } },
        ],
      })
    },

    offer: () =>
      done({
        activations: [
          { purpose: promotion, channel: 'webhook', content: { template: 'quote' }, risk: 0.8 },
        ],
      }),

    answer: ({ profile }) => {
      const complaints = profile.traits['open_complaints']?.value
      const isOver = isObject(complaints) && complaints['count'] === 0
      const content = { template: isOver ? 'complaint-solved' : 'complaint-received' }
      return done({ activations: [{ purpose: 'service', channel: 'webhook', content }] })
    },
  },
})

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
