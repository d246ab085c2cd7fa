import { expect, test } from 'vitest'
import { identityKey } from '../../../core/flow/resolve.ts'
import { tearOf, type Evidence, type Tear } from '../../../core/subject/cohesion.ts'

const node = (name: string) => ({ namespace: 'x', hash: name })

/** @param edges as `event: hub other other`; a node first came with the first event that names it. */
function evidence(homes: Record<string, string>, ...events: string[]): Evidence {
  const claims = events.map((text, nth) => ({ eventId: `e${nth}`, names: text.split(' ') }))
  return {
    identifiers: Object.entries(homes).map(([name, home]) => ({
      ...node(name),
      home,
      eventId: claims.find(({ names }) => names.includes(name))?.eventId ?? '',
    })),
    edges: claims.flatMap(({ eventId, names: [hub = '', ...others] }) =>
      others.map((other) => ({ left: node(hub), right: node(other), eventId })),
    ),
  }
}

const one = { user: 'P', mail: 'P', cookie: 'P' }

test.each<[string, Evidence, string[], boolean, Tear | undefined]>([
  ['a leaf', evidence(one, 'user mail cookie'), ['mail'], false, undefined],
  ['what alone ties a cookie', evidence(one, 'user mail', 'mail cookie'), ['mail'], true, 'joins'],
  [
    'both of a chain',
    evidence(one, 'user mail', 'mail cookie'),
    ['mail', 'cookie'],
    false,
    undefined,
  ],
  [
    'a bridge with a way round',
    evidence(one, 'user mail', 'mail cookie', 'user cookie'),
    ['mail'],
    false,
    undefined,
  ],
  [
    'what came by itself',
    evidence({ user: 'P', mail: 'P' }, 'mail', 'user mail'),
    ['mail'],
    true,
    'joins',
  ],
  ['all there is', evidence({ mail: 'P' }, 'mail'), ['mail'], false, 'last'],
  ['all there is, replaced', evidence({ mail: 'P' }, 'mail'), ['mail'], true, undefined],
  [
    'all of two profiles, replaced',
    evidence({ mail: 'P', user: 'Q' }, 'user mail'),
    ['mail', 'user'],
    true,
    'joins',
  ],
  [
    'the last of a merged profile',
    evidence({ user: 'P', mail: 'Q' }, 'user mail'),
    ['mail'],
    true,
    'joins',
  ],
  [
    'one of two of a merged profile',
    evidence({ user: 'P', mail: 'Q', cookie: 'Q' }, 'user mail cookie'),
    ['mail'],
    false,
    undefined,
  ],
])('%s: what taking it away tears', (_, given, wrong, isReplaced, expected) => {
  const keys = new Set(wrong.map((name) => identityKey(node(name))))
  expect(tearOf(given, keys, isReplaced)).toBe(expected)
})
