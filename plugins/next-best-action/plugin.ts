import { cancel, definePlugin, done, type Json, type ReactInput } from 'slateboard/plugin'

const purpose = 'marketing.promotion'

/** Risk from which a customer is worth a promotion, and from which they are worth watching. */
const highRisk = 0.7
const mediumRisk = 0.4
/** Below this the risk is a guess, and nobody is written to on a guess. */
const confidenceMin = 0.1
/** Lifetime value, in the workspace's currency, from which the larger offer is made. */
const valuableFrom = 500

type Action = {
  action: 'win_back' | 'nurture' | 'none'
  channel: 'email' | 'webhook' | null
  reason: string
}

export default definePlugin({
  agents: {
    choose: (input) => {
      const risk = input.profile.traits['churn_risk']
      if (typeof risk?.value !== 'number') return cancel('no churn risk is known')
      if (risk.confidence < confidenceMin)
        return cancel('the churn risk rests on too little evidence')
      const next = actionFor(risk.value, channelOf(input))
      // The same band chosen again is not a new reason to write to somebody; a changed consent is.
      const before = input.profile.traits['next_best_action']?.value
      if (isSame(before, next) && !consentChanged(input)) return done()
      const writes = { next_best_action: { value: { ...next }, confidence: risk.confidence } }
      if (next.action !== 'win_back' || next.channel === null) return done({ writes })
      const content = { template: 'win-back', offer: offerFor(input) }
      return done({ writes, activations: [{ purpose, channel: next.channel, content }] })
    },
  },
})

function actionFor(risk: number, channel: 'email' | 'webhook'): Action {
  if (risk >= highRisk) return { action: 'win_back', channel, reason: 'churn risk is high' }
  if (risk >= mediumRisk)
    return { action: 'nurture', channel: null, reason: 'churn risk is medium' }
  return { action: 'none', channel: null, reason: 'churn risk is low' }
}

const channelOf = ({ profile }: ReactInput): 'email' | 'webhook' =>
  profile.traits['preferred_channel']?.value === 'webhook' ? 'webhook' : 'email'

function offerFor({ profile }: ReactInput): string {
  const value = profile.traits['lifetime_value']?.value
  return typeof value === 'number' && value >= valuableFrom ? 'discount-20' : 'discount-10'
}

/** True when consent for the promotion itself, or for a purpose above it, is among the causes. */
const consentChanged = ({ causes }: ReactInput): boolean =>
  causes.some(
    (cause) =>
      cause.kind === 'consent' &&
      (cause.purpose === purpose || purpose.startsWith(`${cause.purpose}.`)),
  )

const isSame = (before: Json | undefined, next: Action): boolean =>
  typeof before === 'object' &&
  before !== null &&
  !Array.isArray(before) &&
  before['action'] === next.action &&
  before['channel'] === next.channel
