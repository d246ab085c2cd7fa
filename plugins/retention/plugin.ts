import {
  cancel,
  definePlugin,
  done,
  type Json,
  type JsonObject,
  type ReactInput,
} from 'slateboard/plugin'

/** What is remembered of the attempts of this absence. */
interface Attempts {
  count: number
  /** Milliseconds since 1970; 0 before the first. */
  lastAt: number
}

const dayMs = 86_400_000
/** As the crossing of the manifest has it. */
const riskFrom = 0.6
/** Of the risk: somebody who came once or twice has not fallen off. */
const confidenceMin = 0.3

export default definePlugin({
  agents: {
    notice: ({ profile, now }) => {
      const risk = profile.traits['churn_risk']?.value
      const isNoted = profile.traits['disengaged'] !== undefined
      if (typeof risk === 'number' && risk >= riskFrom)
        return isNoted ? done() : done({ writes: { disengaged: { value: { since: now } } } })
      return isNoted ? done({ writes: { disengaged: null } }) : done()
    },
    reactivate: (input) => {
      const now = Date.parse(input.now)
      const seenAt = lastSeen(input)
      if (isJourneyOn(input)) return cancel('the journey is about to win them back')
      if (isStale(input)) return cancel('permissions are not up to date')
      if ((input.profile.traits['churn_risk']?.confidence ?? 0) < confidenceMin)
        return cancel('too little is known of them')
      if (now - seenAt < numberOf(input.config['inactiveDays'], 30) * dayMs)
        return cancel('they were here lately')
      const before = attemptsOf(input, seenAt)
      const { coolDownMs, attemptsMax } = limitsOf(input.config)
      if (before.count >= attemptsMax)
        return done({
          writes: { retention: { value: { stage: 'given_up', attempts: before.count } } },
        })
      if (now - before.lastAt < coolDownMs) return cancel('the last attempt is not long ago')
      const attempts = before.count + 1
      return done({
        writes: { retention: { value: { stage: 'reactivating', attempts } } },
        activations: [
          {
            purpose: 'marketing.promotion',
            channel:
              input.profile.traits['preferred_channel']?.value === 'webhook' ? 'webhook' : 'email',
            content: { template: 'reactivation', attempt: attempts },
          },
        ],
        state: { profile: { attempts: { count: attempts, lastAt: now } } },
      })
    },
  },
})

/** Two agents that write to the same person for the same reason are one too many. */
const isJourneyOn = ({ profile }: ReactInput): boolean =>
  fieldOf(profile.traits['next_best_action']?.value, 'action') === 'win_back'

const isStale = ({ profile }: ReactInput): boolean =>
  fieldOf(profile.traits['compliance_state']?.value, 'status') === 'refresh_needed'

/** Who was seen after the last attempt came back, so the count begins anew. */
function attemptsOf({ state }: Required<ReactInput>, seenAt: number): Attempts {
  const kept = state.profile['attempts']
  const lastAt = numberOf(fieldOf(kept, 'lastAt'), 0)
  return seenAt > lastAt
    ? { count: 0, lastAt }
    : { count: numberOf(fieldOf(kept, 'count'), 0), lastAt }
}

function limitsOf(config: JsonObject): { coolDownMs: number; attemptsMax: number } {
  const coolDownMs = numberOf(config['coolDownDays'], 14) * dayMs
  return { coolDownMs, attemptsMax: numberOf(config['attemptsMax'], 3) }
}

/** Milliseconds since 1970; 0 where nothing is known. */
function lastSeen({ profile }: ReactInput): number {
  const at = fieldOf(profile.traits['engagement']?.value, 'lastActiveAt')
  return typeof at === 'string' ? Date.parse(at) : 0
}

const numberOf = (value: Json | undefined, standard: number): number =>
  typeof value === 'number' ? value : standard

const fieldOf = (value: Json | undefined, key: string): Json | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value[key] : undefined
