import { definePlugin, done } from 'slateboard/plugin'

export default definePlugin({
  agents: {
    count: ({ profile, causes }) => {
      const before = profile.traits['orders']?.value
      const orders = (typeof before === 'number' ? before : 0) + causes.length
      return done({ writes: { orders: { value: orders, confidence: 0.9 } } })
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
