import {
  cancel,
  definePlugin,
  done,
  type Json,
  type ProposedActivation,
  type ReactInput,
} from 'slateboard/plugin'

const purpose = 'marketing.promotion'

/** Risk from which a customer is worth a promotion, and from which they are worth watching. */
const highRisk = 0.7
const mediumRisk = 0.4
/** Below this the risk is a guess, and nobody is written to on a guess. */
const confidenceMin = 0.1
/** Lifetime value, in the workspace's currency, from which the larger offer is made. */
const valuableFrom = 500
/** Band of what was spent, of 1 to 4, from which a segment says the same. */
const valuableBand = 3
/** Emails after which it shows that somebody reads none. */
const unreadMin = 5
/** What a draft may have filled in: the manifest names no others. */
const fieldsAllowed: ReadonlySet<string> = new Set(['firstName'])

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
      const next = heldBack(input, actionFor(risk.value, channelOf(input)))
      // The same band chosen again is not a new reason to write to somebody; a changed consent is.
      const before = input.profile.traits['next_best_action']?.value
      if (isSame(before, next) && !consentChanged(input)) return done()
      const writes = { next_best_action: { value: { ...next }, confidence: risk.confidence } }
      if (next.action !== 'win_back' || next.channel === null) return done({ writes })
      return done({ writes, activations: [messageFor(input, next.channel)] })
    },
  },
})

function actionFor(risk: number, channel: 'email' | 'webhook'): Action {
  if (risk >= highRisk) return { action: 'win_back', channel, reason: 'churn risk is high' }
  if (risk >= mediumRisk)
    return { action: 'nurture', channel: null, reason: 'churn risk is medium' }
  return { action: 'none', channel: null, reason: 'churn risk is low' }
}

/** Nothing is proposed as long as what they agreed to has to be asked for again. */
function heldBack(input: ReactInput, next: Action): Action {
  if (wordIn(input, 'compliance_state', 'status') !== 'refresh_needed') return next
  return { action: next.action, channel: null, reason: 'permissions are not up to date' }
}

/** As they prefer; of who says nothing and opened none of several emails, not by email. */
function channelOf(input: ReactInput): 'email' | 'webhook' {
  const preferred = input.profile.traits['preferred_channel']?.value
  if (preferred === 'webhook' || preferred === 'email') return preferred
  const isUnread =
    (numberIn(input, 'message_engagement', 'delivered') ?? 0) >= unreadMin &&
    numberIn(input, 'message_engagement', 'opened') === 0
  return isUnread ? 'webhook' : 'email'
}

/** What other agents have made ready goes along: a draft that nobody objects to, and the hour that suits. */
function messageFor(input: ReactInput, channel: 'email' | 'webhook'): ProposedActivation {
  const hour = input.profile.traits['send_hour']?.value
  const content = {
    template: 'win-back',
    offer: offerFor(input),
    ...(typeof hour === 'number' ? { sendHour: hour } : {}),
  }
  const draft = draftIn(input)
  if (draft === undefined) return { purpose, channel, content }
  const { subject, text, fields } = draft
  return { purpose, channel, content: { ...content, subject, text }, fields }
}

function draftIn(
  input: ReactInput,
): { subject: string; text: string; fields: string[] } | undefined {
  const [subject, text] = [
    wordIn(input, 'message_content', 'subject'),
    wordIn(input, 'message_content', 'text'),
  ]
  const isForThis = wordIn(input, 'message_content', 'variant')?.split('/')[0] === 'win_back'
  if (subject === undefined || text === undefined || !isForThis) return undefined
  const isJudged =
    wordIn(input, 'brand_safety', 'draft') === wordIn(input, 'message_content', 'draft')
  if (isJudged && wordIn(input, 'brand_safety', 'verdict') === 'unfit') return undefined
  const said = fieldOf(input.profile.traits['message_content']?.value, 'fields')
  const fields = (Array.isArray(said) ? said : []).filter((field) => typeof field === 'string')
  return fields.every((field) => fieldsAllowed.has(field)) ? { subject, text, fields } : undefined
}

function offerFor(input: ReactInput): string {
  const band = numberIn(input, 'segment', 'monetary')
  if (band !== undefined) return band >= valuableBand ? 'discount-20' : 'discount-10'
  const value = input.profile.traits['lifetime_value']?.value
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
  fieldOf(before, 'action') === next.action && fieldOf(before, 'channel') === next.channel

function wordIn({ profile }: ReactInput, trait: string, key: string): string | undefined {
  const word = fieldOf(profile.traits[trait]?.value, key)
  return typeof word === 'string' ? word : undefined
}

function numberIn({ profile }: ReactInput, trait: string, key: string): number | undefined {
  const number = fieldOf(profile.traits[trait]?.value, key)
  return typeof number === 'number' ? number : undefined
}

const fieldOf = (value: Json | undefined, key: string): Json | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value[key] : undefined
