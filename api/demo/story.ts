/** What one kind of customer did and said, and what therefore becomes of the promotion proposed to them. */
export interface Story {
  name: string
  /** Customers of this kind among `storyCycle`. */
  share: number
  /** Stopped coming weeks ago, so that the risk of having lost them is high. */
  isSilent: boolean
  prefers: 'email' | 'webhook'
  /** Said at sign-up, in this order. */
  said: readonly Word[]
  /** Said once everything else has happened. */
  saidLater?: Word
  complaint?: 'stays open' | 'is closed'
  doNotContact?: true
}

export interface Word {
  purpose: string
  channel: string
  decision: 'GRANTED' | 'DENIED' | 'WITHDRAWN'
}

const promotion = (decision: Word['decision'], channel: string): Word => ({
  purpose: 'marketing.promotion',
  channel,
  decision,
})
const anyMarketing: Word = { purpose: 'marketing', channel: '*', decision: 'GRANTED' }

const silent = { share: 1, isSilent: true, prefers: 'webhook' } as const

export const stories: readonly Story[] = [
  { name: 'regular', share: 16, isSilent: false, prefers: 'webhook', said: [anyMarketing] },
  { name: 'regular who was never asked', share: 4, isSilent: false, prefers: 'email', said: [] },
  { ...silent, name: 'agreed', share: 5, said: [promotion('GRANTED', 'webhook')] },
  { ...silent, name: 'agreed to email', prefers: 'email', said: [promotion('GRANTED', 'email')] },
  { ...silent, name: 'was never asked', share: 4, said: [] },
  { ...silent, name: 'agreed to another channel', said: [promotion('GRANTED', 'email')] },
  { ...silent, name: 'declined', share: 2, said: [promotion('DENIED', '*')] },
  {
    ...silent,
    name: 'changed their mind',
    share: 2,
    said: [anyMarketing, promotion('WITHDRAWN', 'webhook')],
  },
  { ...silent, name: 'complains', share: 2, said: [anyMarketing], complaint: 'stays open' },
  {
    ...silent,
    name: 'complains and withdraws',
    said: [anyMarketing],
    complaint: 'stays open',
    saidLater: { purpose: 'marketing', channel: '*', decision: 'WITHDRAWN' },
  },
  { ...silent, name: 'complained', said: [anyMarketing], complaint: 'is closed' },
  { ...silent, name: 'not to be contacted', said: [anyMarketing], doNotContact: true },
]

/** So many customers in a row hold every story in its share. */
export const storyCycle = stories.reduce((sum, { share }) => sum + share, 0)

const cycle = stories.flatMap((story) => Array.from({ length: story.share }, () => story))

/** The story of the customer with this number. */
export function storyOf(number: number): Story {
  const story = cycle[number % storyCycle]
  if (!story) throw new RangeError(`customers are numbered from 0, and not ${number}`)
  return story
}
