import { rolesInWords } from '../../../policies/describe.ts'
import type {
  DecisionImpact,
  ProfileImpact,
  SimulatedCaller,
  SimulatedTarget,
} from '../../model/simulation.ts'

/** "Apps gain contact data of 1,204 profiles for marketing." */
export function impactInWords(impact: Omit<ProfileImpact, 'sentence'>): string {
  const { gained, lost } = impact
  const parts = [
    ...(gained > 0 ? [half(impact, gained, 'gain')] : []),
    ...(lost > 0 ? [half(impact, lost, 'lose')] : []),
  ]
  const [first = `${subjectOf(impact.caller)} keep what they have`, ...rest] = parts
  return `${[first, ...rest].join(', and ')}${forPurpose(impact.purpose)}.`
}

type Way = 'gain' | 'lose'

function half(
  { caller, action, target }: Pick<ProfileImpact, 'caller' | 'action' | 'target'>,
  count: number,
  way: Way,
): string {
  const who = subjectOf(caller)
  const profiles = profilesOf(count)
  const now = way === 'gain' ? 'may now' : 'may no longer'
  if (action === 'activate') return `${who} ${now} reach ${profiles} by ${target.name}`
  if (action === 'send') return `messages of ${who} ${now} carry ${thing(target)} of ${profiles}`
  const verb = caller.kind === 'agent' ? `${way}s` : way
  return target.kind === 'profile'
    ? `${who} ${verb} sight of ${profiles}`
    : `${who} ${verb} ${thing(target)} of ${profiles}`
}

/** "Of 310 activations that apps proposed for marketing by email, 12 would be refused, 4 held and 3 allowed." */
export function flipsInWords(impact: Omit<DecisionImpact, 'sentence' | 'examples'>): string {
  const { proposer, purpose, channel, wouldAllow, wouldHold, wouldRefuse, unchanged } = impact
  const looked = numberOf(wouldAllow + wouldHold + wouldRefuse + unchanged)
  const ends = [
    { count: wouldRefuse, end: 'refused' },
    { count: wouldHold, end: 'held' },
    { count: wouldAllow, end: 'allowed' },
  ].filter(({ count }) => count > 0)
  const flips = ends.map(({ count, end }, nth) =>
    nth === 0 ? `${numberOf(count)} would be ${end}` : `${numberOf(count)} ${end}`,
  )
  const said = flips.length === 0 ? 'none would end otherwise' : listInWords(flips)
  return `Of ${looked} activations that ${subjectOf(proposer)} proposed for ${purpose} by ${channel}, ${said}.`
}

const listInWords = (parts: readonly string[]): string =>
  parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1) ?? ''}`

export const capitalised = (sentence: string): string =>
  `${sentence.slice(0, 1).toUpperCase()}${sentence.slice(1)}`

const roleNames: Readonly<Record<string, string>> = {
  ...rolesInWords,
  revoked: 'principals that were revoked',
}

const subjectOf = ({ kind, name }: SimulatedCaller): string =>
  kind === 'agent' ? `agent ${name}` : (roleNames[name] ?? name)

const classNames: Readonly<Record<string, string>> = {
  none: 'harmless values',
  pseudonymous: 'pseudonymous values',
  contact: 'contact data',
  sensitive: 'sensitive data',
  special: 'data of special categories',
}

function thing({ kind, name }: SimulatedTarget): string {
  if (kind === 'class') return classNames[name] ?? name
  return kind === 'trait' ? `the trait ${name}` : `the identifier ${name}`
}

const numberOf = (count: number): string => count.toLocaleString('en-US')
const profilesOf = (count: number): string =>
  count === 1 ? '1 profile' : `${numberOf(count)} profiles`
const forPurpose = (purpose: string | null): string =>
  purpose === null ? ' without a purpose' : ` for ${purpose}`
