/** What a person's identifiers come to when wrong ones are taken away; pure. */
import type { EvidenceEdge, EvidenceNode } from '../../blackboard/query/listEvidence.ts'
import { identityKey } from '../flow/resolve.ts'

export interface Evidence {
  identifiers: readonly EvidenceNode[]
  edges: readonly EvidenceEdge[]
}

/**
 * `joins`: a wrong identifier is what makes one person of what is left, so their histories would have to be told apart.
 * `last`: nothing would be left to know the person by.
 */
export type Tear = 'joins' | 'last'

/**
 * What keeps identifiers from being taken from a person. What is left has to be held together by evidence of its
 * own, on every profile that counts as the person; and an identifier that came by itself, before anything tied it to
 * the rest, may have brought the history of somebody else with it.
 *
 * @param wrong by `identityKey`
 * @param isReplaced whether a right identifier takes their place
 */
export function tearOf(
  { identifiers, edges }: Evidence,
  wrong: ReadonlySet<string>,
  isReplaced: boolean,
): Tear | undefined {
  const left = identifiers.filter((node) => !wrong.has(identityKey(node)))
  const homes = new Set(identifiers.map(({ home }) => home))
  if (left.length === 0) return isReplaced ? (homes.size > 1 ? 'joins' : undefined) : 'last'
  const leftHomes = new Set(left.map(({ home }) => home))
  if (leftHomes.size < homes.size) return 'joins'
  const taken = identifiers.filter((node) => wrong.has(identityKey(node)))
  if (taken.some((node) => cameAlone(node, edges))) return 'joins'
  return isWhole(left, edges) ? undefined : 'joins'
}

const cameAlone = (node: EvidenceNode, edges: readonly EvidenceEdge[]): boolean =>
  !edges.some(
    ({ left, right, eventId }) =>
      eventId === node.eventId &&
      (identityKey(left) === identityKey(node) || identityKey(right) === identityKey(node)),
  )

/** Whether edges among the nodes alone connect them all. */
function isWhole(nodes: readonly EvidenceNode[], edges: readonly EvidenceEdge[]): boolean {
  const beside = new Map<string, string[]>(nodes.map((node) => [identityKey(node), []]))
  for (const { left, right } of edges) {
    const [a, b] = [identityKey(left), identityKey(right)]
    beside.get(a)?.push(b)
    beside.get(b)?.push(a)
  }
  const [first] = beside.keys()
  const reached = new Set<string>()
  const queue = first === undefined ? [] : [first]
  for (let key = queue.pop(); key !== undefined; key = queue.pop()) {
    const neighbours = beside.get(key)
    if (neighbours === undefined || reached.has(key)) continue
    reached.add(key)
    queue.push(...neighbours)
  }
  return reached.size === nodes.length
}
