import type { IncomingEvent } from '../model/event.ts'
import { isObject, type Json, type JsonObject } from '../model/json.ts'
import { readGoogleConsentMode } from './googleConsentMode.ts'
import { readGpp } from './gpp.ts'
import { isKnown, type Mapping } from './mapping.ts'
import { readOneTrust } from './oneTrust.ts'
import { silence, unite, type Reading } from './reading.ts'
import { readRudderStack } from './rudderStack.ts'
import { readSegment, segmentEvent } from './segment.ts'
import { readTcf } from './tcf.ts'
import { readUnomi } from './unomi.ts'

const warningsMax = 20
const warnedCharactersMax = 100

/** Whether an event says anything about consent; for the many that do not, this is all that it costs. */
export const speaksOfConsent = ({ gpc, receipt, context }: IncomingEvent): boolean =>
  gpc === true ||
  receipt !== undefined ||
  context['consent'] !== undefined ||
  context['consentManagement'] !== undefined ||
  context['tcString'] !== undefined ||
  context['gppString'] !== undefined

/** What an event says about consent, in whatever dialects. Where these disagree, the refusal stands. */
export async function readConsent(event: IncomingEvent, mapping: Mapping): Promise<Reading> {
  const { context, receipt, timestamp: at } = event
  const said = unite([
    ...(receipt ? [readReceipt(receipt, at, mapping)] : []),
    ...(await readContext(event, context, mapping)),
    { ...silence(), gpc: event.gpc === true },
  ])
  return {
    ...said,
    statements: said.statements.filter(({ purpose }) => isKnown(purpose, mapping)),
    warnings: said.warnings
      .slice(0, warningsMax)
      .map((each) => ({ ...each, consent: each.consent.slice(0, warnedCharactersMax) })),
  }
}

async function readContext(
  { type, name, timestamp: at }: IncomingEvent,
  context: JsonObject,
  mapping: Mapping,
): Promise<Reading[]> {
  const { consent, consentManagement, tcString, gppString } = context
  const object = isObject(consent) ? consent : {}
  const readings = [
    readSegment(object['categoryPreferences'], type === 'track' && name === segmentEvent, mapping),
    readGoogleConsentMode(object['google']),
    readRudderStack(consentManagement, mapping),
  ]
  if (consent !== undefined && !isObject(consent)) {
    readings.push(silence({ consent: 'context.consent', code: 'consent_unreadable' }))
  }
  readings.push(await readTcf(bare(object['tcf']), 'context.consent.tcf', at))
  readings.push(await readTcf(tcString, 'context.tcString', at))
  readings.push(await readGpp(gppString, at))
  return readings
}

/** As text, or as the object that `__tcfapi` gives. */
const bare = (tcf: Json | undefined): Json | undefined =>
  isObject(tcf) ? (tcf['tcString'] ?? null) : tcf

const readReceipt = (
  { dialect, body }: NonNullable<IncomingEvent['receipt']>,
  at: Date,
  mapping: Mapping,
): Reading =>
  dialect === 'onetrust'
    ? readOneTrust(body, at, mapping)
    : readUnomi(body['consents'], at, mapping)
