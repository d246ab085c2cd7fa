import { definePlugin, done } from 'slateboard/plugin'

export default definePlugin({
  agents: {
    count: ({ profile, causes }) => {
      const before = profile.traits['orders']?.value
      const orders = (typeof before === 'number' ? before : 0) + causes.length
      // Some orders may be on their way.
      const interval = { low: orders, high: orders + 1, level: 0.9, method: 'assumed' }
      return done({ writes: { orders: { value: orders, confidence: 0.9, interval } } })
    },
    thank: ({ profile }) =>
      profile.traits['thanked']
        ? done()
        : done({
            writes: { thanked: { value: true } },
            activations: [
              {
                purpose: 'marketing.promotion',
                channel: 'webhook',
                content: { coupon: 'THANKS' },
                fields: ['firstName'],
              },
            ],
          }),
  },
})
