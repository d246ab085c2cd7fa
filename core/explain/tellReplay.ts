import type { Replay } from './replay.ts'
import { fill } from './sentence.ts'
import { replayWords } from './words/replay.ts'

/** What came of making a decision again, in words. */
export function tellReplay({ answer, differences, obstacle, audited, engine }: Replay): string {
  const head = answer === 'impossible' ? (obstacle ?? 'inputs_unreadable') : answer
  const isOther = answer !== 'impossible' && engine.recorded !== engine.running
  return [
    fill(replayWords[head], { count: String(differences.length) }),
    ...(answer === 'impossible' || audited ? [] : [fill(replayWords.unaudited, {})]),
    ...(isOther ? [fill(replayWords.other_engine, engine)] : []),
  ].join(' ')
}
