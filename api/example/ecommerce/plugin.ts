import {
  cancel,
  definePlugin,
  done,
  type Json,
  type JsonObject,
  type Outcome,
  type ReactInput,
} from 'slateboard/plugin'

/** Days that the stock has to last. */
const daysMin = 3
const wantedFrom = 0.5
const unwantedBelow = 0.2
/** Share of the advertising for the window, and for what stands beside it. */
const windowShare = 0.8
const besideShare = 0.1
/** Orders for a click below which somebody has to look, and the clicks that it takes to say so. */
const conversionMin = 0.01
const clicksMin = 100

export default definePlugin({
  agents: {
    research: (input) => {
      const interest = said(input, 'interest')
      if (interest === undefined) return cancel('no interest was reported')
      return done({ writes: { demand: { value: interest, confidence: 0.7 } } })
    },

    inventory: (input) => {
      const left = said(input, 'left')
      if (left === undefined) return cancel('no stock was reported')
      const lasts = left / Math.max(1, said(input, 'soldPerDay') ?? 1)
      return done({
        writes: { stock: { value: { left, level: lasts < daysMin ? 'low' : 'fine' } } },
      })
    },

    pricing: (input) => {
      const [demand, level] = [demandOf(input), levelOf(input)]
      if (level === undefined) return cancel('no stock is known')
      if (level === 'low' && demand >= wantedFrom) return changed(input, 'price_change', 5)
      return changed(input, 'price_change', demand < unwantedBelow ? -10 : 0)
    },

    content: (input) => {
      const { id } = input.profile
      const level = levelOf(input)
      if (level === undefined) return cancel('no stock is known')
      const inWindow = input.state.plugin['window']
      const isMine = inWindow === id
      if (level === 'low') return shown('out', isMine ? null : undefined)
      const isFree = inWindow === undefined && demandOf(input) >= wantedFrom
      return isMine || isFree ? shown('featured', isFree ? id : undefined) : shown('beside')
    },

    ads: (input) => {
      const place = valueOf(input, 'shop_window')
      const share = place === 'featured' ? windowShare : besideShare
      return done({ writes: { ad_share: { value: place === 'out' ? 0 : share } } })
    },

    email: (input) => {
      const mailing = valueOf(input, 'shop_window') === 'featured' ? 'planned' : 'stopped'
      const before = valueOf(input, 'mailing') ?? 'stopped'
      if (before === mailing) return cancel('the mailing system knows')
      const content = { template: 'product-mailing', mailing }
      return done({
        writes: { mailing: { value: mailing } },
        activations: [{ purpose: 'service', channel: 'webhook', content }],
      })
    },

    monitor: (input) => {
      const [clicks, orders] = [said(input, 'clicks') ?? 0, said(input, 'orders') ?? 0]
      if (clicks < clicksMin) return cancel('too few clicks to say anything')
      const conversion = Math.min(1, orders / clicks)
      const writes = {
        conversion: { value: conversion, confidence: clicks / (clicks + clicksMin) },
      }
      if (conversion >= conversionMin) {
        const isOver = valueOf(input, 'escalation') !== undefined
        return done({ writes: isOver ? { ...writes, escalation: null } : writes })
      }
      const reason = 'people click and do not buy'
      const content = { template: 'escalation', reason, conversion }
      return done({
        writes: { ...writes, escalation: { value: reason } },
        activations: [{ purpose: 'service', channel: 'webhook', content, risk: 0.9 }],
      })
    },
  },
})

/** Where a product stands, and the product that has the window from now on: none with null, as before if left out. */
const shown = (place: string, window?: string | null): Outcome =>
  done({
    writes: { shop_window: { value: place } },
    ...(window === undefined ? {} : { state: { plugin: { window } } }),
  })

/** Only what is news is written: a value that stays wakes nobody. */
const changed = (input: ReactInput, key: string, value: number): Outcome =>
  valueOf(input, key) === value
    ? cancel('it stays as it is')
    : done({ writes: { [key]: { value } } })

const valueOf = ({ profile }: ReactInput, key: string): Json | undefined =>
  profile.traits[key]?.value

const demandOf = (input: ReactInput): number => {
  const demand = valueOf(input, 'demand')
  return typeof demand === 'number' ? demand : 0
}

const levelOf = (input: ReactInput): Json | undefined => objectIn(valueOf(input, 'stock'))['level']

/** What the last of the events says. */
function said({ causes }: ReactInput, key: string): number | undefined {
  const last = causes.findLast((cause) => cause.kind === 'event')
  const value = last?.kind === 'event' ? last.properties[key] : undefined
  return typeof value === 'number' ? value : undefined
}

const objectIn = (value: Json | undefined): JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {}
