/** A stretch of time as laws count it. */
export type Period =
  | { readonly months: number }
  | { readonly days: number }
  /** Monday to Friday; holidays count, so that no deadline is later than the law's. */
  | { readonly businessDays: number }

/** What a law says where laws differ. Statutes are cited so that whoever changes a line knows what to read. */
export interface RegimeData {
  readonly title: string
  /**
   * Purposes, with all below them, that may be pursued until the person says no. Every other purpose that needs a
   * grant under the strictest law needs one here.
   */
  readonly optOut: readonly string[]
  /** Channels on which a grant is needed all the same. */
  readonly grantChannels: readonly string[]
  /** Whether Global Privacy Control is an opt-out that has to be heard. */
  readonly gpcBinds: boolean
  /** Below this age a person's data is that of a minor. */
  readonly minorAge: number
  /** From this age up to `minorAge` a minor may grant by themself; null where only their guardian can. */
  readonly teenOptIn: number | null
  readonly clocks: Clocks
}

/** How long there is to answer somebody; null where the law names no time. */
export interface Clocks {
  readonly request: Period
  /** On top of `request`, when the person was told why within it. */
  readonly extension: Period | null
  readonly acknowledge: Period | null
  /** To stop selling, sharing or advertising after an opt-out. We stop at once; this is for those downstream. */
  readonly optOut: Period | null
}

/** Where texts and calls that advertise need a written grant: 47 CFR 64.1200. */
const calls = ['sms', 'phone']
const chosen = ['analytics', 'personalization', 'marketing']

/** Art. 12(3) GDPR: a month, two more where it is complex. Art. 21(3): an objection is heard at once. */
const european: Clocks = {
  request: { months: 1 },
  extension: { months: 2 },
  acknowledge: null,
  optOut: null,
}

const american: Clocks = {
  request: { days: 45 },
  extension: { days: 45 },
  acknowledge: null,
  optOut: null,
}

export const regimeTable = {
  /**
   * Art. 6(1)(a), Art. 7 GDPR and Art. 5(3), 13 ePrivacy: opt-in. Art. 21(5): an objection may be made by automated
   * means, which Global Privacy Control is taken for. Art. 8: 16 unless the state says less.
   */
  gdpr: {
    title: 'General Data Protection Regulation',
    optOut: [],
    grantChannels: [],
    gpcBinds: true,
    minorAge: 16,
    teenOptIn: null,
    clocks: european,
  },
  /** UK GDPR, PECR regulation 22; section 9 Data Protection Act 2018. */
  uk_gdpr: {
    title: 'UK General Data Protection Regulation',
    optOut: [],
    grantChannels: [],
    gpcBinds: true,
    minorAge: 13,
    teenOptIn: null,
    clocks: european,
  },
  /**
   * Cal. Civ. Code 1798.120: opt-out; below 16 opt-in, by a guardian below 13. 11 CCR 7021: acknowledged in 10
   * business days, answered in 45 days and 45 more; 7025: Global Privacy Control; 7026: heeded in 15 business days.
   */
  ccpa: {
    title: 'California Consumer Privacy Act',
    optOut: chosen,
    grantChannels: calls,
    gpcBinds: true,
    minorAge: 16,
    teenOptIn: 13,
    clocks: { ...american, acknowledge: { businessDays: 10 }, optOut: { businessDays: 15 } },
  },
  /** Laws of other states of the USA that want Global Privacy Control heard. */
  us_gpc: {
    title: 'State privacy law of the USA with universal opt-out',
    optOut: chosen,
    grantChannels: calls,
    gpcBinds: true,
    minorAge: 16,
    teenOptIn: 13,
    clocks: american,
  },
  /** Those that know an opt-out and leave its form to the business. */
  us_opt_out: {
    title: 'State privacy law of the USA',
    optOut: chosen,
    grantChannels: calls,
    gpcBinds: false,
    minorAge: 13,
    teenOptIn: null,
    clocks: american,
  },
  /**
   * Art. 7 I, 8 LGPD: opt-in. Art. 19 II: 15 days. Art. 14 with Art. 2 ECA: children below 12 through a guardian,
   * adolescents below 18 by themselves.
   */
  lgpd: {
    title: 'Lei Geral de Proteção de Dados',
    optOut: [],
    grantChannels: [],
    gpcBinds: false,
    minorAge: 18,
    teenOptIn: 12,
    clocks: { request: { days: 15 }, extension: null, acknowledge: null, optOut: null },
  },
  /** The strictest word of all of them on every point, for whoever we cannot place. */
  strictest: {
    title: 'The strictest of all laws known here',
    optOut: [],
    grantChannels: [],
    gpcBinds: true,
    minorAge: 18,
    teenOptIn: null,
    clocks: {
      request: { days: 15 },
      extension: null,
      acknowledge: { businessDays: 10 },
      optOut: { businessDays: 15 },
    },
  },
} as const satisfies Record<string, RegimeData>

export type RegimeKey = keyof typeof regimeTable

/** Which law a place has, and in what the place differs from it. */
export interface PlaceData {
  readonly regime: RegimeKey
  readonly minorAge?: number
  readonly clocks?: Clocks
}

const gdpr = (minorAge: number): PlaceData => ({ regime: 'gdpr', minorAge })
const gpc = (minorAge: number): PlaceData => ({ regime: 'us_gpc', minorAge })
const optOut = (minorAge: number): PlaceData => ({ regime: 'us_opt_out', minorAge })

/**
 * ISO 3166: countries, and states where the law is theirs. A country stands for its regions; the USA are not in it,
 * since without the state nobody knows the law.
 */
export const places: Readonly<Record<string, PlaceData>> = {
  AT: gdpr(14),
  BE: gdpr(13),
  BG: gdpr(14),
  HR: gdpr(16),
  CY: gdpr(14),
  CZ: gdpr(15),
  DK: gdpr(15),
  EE: gdpr(13),
  FI: gdpr(13),
  FR: gdpr(15),
  DE: gdpr(16),
  GR: gdpr(15),
  HU: gdpr(16),
  IE: gdpr(16),
  IT: gdpr(14),
  LV: gdpr(13),
  LT: gdpr(14),
  LU: gdpr(16),
  MT: gdpr(13),
  NL: gdpr(16),
  PL: gdpr(16),
  PT: gdpr(13),
  RO: gdpr(16),
  SK: gdpr(16),
  SI: gdpr(15),
  ES: gdpr(14),
  SE: gdpr(13),
  IS: gdpr(13),
  LI: gdpr(16),
  NO: gdpr(13),
  GB: { regime: 'uk_gdpr' },
  BR: { regime: 'lgpd' },
  'US-CA': { regime: 'ccpa' },
  'US-CO': gpc(18),
  'US-CT': gpc(18),
  'US-DE': gpc(18),
  'US-MD': gpc(18),
  'US-MN': gpc(17),
  'US-MT': gpc(16),
  'US-NE': gpc(13),
  'US-NH': gpc(16),
  'US-NJ': gpc(17),
  'US-OR': gpc(16),
  'US-TX': gpc(13),
  'US-IA': { ...optOut(13), clocks: { ...american, request: { days: 90 } } },
  'US-IN': optOut(13),
  'US-KY': optOut(13),
  'US-RI': optOut(13),
  'US-TN': optOut(13),
  'US-UT': optOut(13),
  'US-VA': optOut(16),
}
