import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { bumpLegalStates } from '../../../blackboard/query/bumpLegalStates.ts'
import { transact } from '../../../blackboard/transact.ts'
import { identify, track } from '../../support/app.ts'
import { hold } from '../../support/hold.ts'
import { openOutward, type Outward } from '../../support/outward.ts'

const people = 200

/**
 * Looks, as the last thing before each commit that makes an activation `dispatching`, whether a withdrawal
 * or restriction of that person has committed. It rests a moment first, so that one that could come between would.
 */
async function watchCommits({ app: { sql } }: Outward): Promise<void> {
  await sql.unsafe(`
    create table violation (activation_id text);
    grant insert on violation to public;
    create function look_for_refusal() returns trigger language plpgsql as $$
    begin
      perform pg_sleep(0.002);
      if exists (select from consent_current where profile_id = new.profile_id
          and decision = 'withdrawn')
        or exists (select from legal_state where profile_id = new.profile_id
          and (restricted or holds <> '[]')) then
        insert into violation values (new.id);
      end if;
      return null;
    end $$;
    create constraint trigger begins_before_any_refusal after update on activation
      deferrable initially deferred for each row when (new.state = 'dispatching')
      execute function look_for_refusal()`)
}

// Fewer than the pool has connections, or all of them would commit before a dispatch comes to its turn.
const underWayMax = 6

/** In an order of its own each time; pauses of none to a few turns of the event loop lie between. */
async function atRandom<T>(items: readonly T[], act: (item: T) => Promise<unknown>): Promise<void> {
  const shuffled = items
    .map((item) => ({ item, at: Math.random() }))
    .toSorted((a, b) => a.at - b.at)
  const pending = new Set<Promise<unknown>>()
  for (const { item } of shuffled) {
    const acting = act(item).finally(() => pending.delete(acting))
    pending.add(acting)
    if (pending.size >= underWayMax) await Promise.race(pending)
    for (let turns = Math.floor(Math.random() * 12); turns > 0; turns -= 1) await setImmediate()
  }
  await Promise.all(pending)
}

/** As a subject request does: it recalls nothing, so that the shared lock alone stands in the way. */
async function restrict({ app, clock }: Outward, user: string): Promise<void> {
  const ids = JSON.stringify([await app.profileOf(user)])
  const at = clock.now().toISOString()
  await transact(app.db, async (tx) => {
    await bumpLegalStates(tx, { workspaceId: app.workspaceId, ids, at })
    await tx`
      update legal_state set restricted = true
      where profile_id in (select json_array_elements_text(${ids}::text::json))`
  })
}

/** As a client says it, in the commit of the event. */
function receive({ app }: Outward, user: string) {
  const purposes = [{ Id: 'marketing.promotion', TransactionType: 'WITHDRAWN' }]
  const receipt = { dialect: 'onetrust' as const, body: { purposes } }
  return app.send(track(user, 'Consent Receipt', {}, { receipt }))
}

const refusals = {
  withdrawal: (out: Outward, user: string) => out.say(user, 'withdrawn'),
  receipt: receive,
  restriction: restrict,
  complaint: (out: Outward, user: string) => hold(out, user, true),
}

test.each(['withdrawal', 'receipt', 'restriction', 'complaint'] as const)(
  'begins no dispatch after a committed %s, however the two are interleaved',
  async (kind) => {
    await using out = await openOutward()
    const users = Array.from({ length: people }, (_, n) => `user-${n}`)
    await out.app.send(...users.map((user) => identify(user)))
    await Promise.all(users.map((user) => out.say(user, 'granted')))
    const ids = await Promise.all(users.map((user) => out.propose(user)))
    await watchCommits(out)
    const dispatchers = [out.deps, await out.another()]
    const refusing = new AbortController()
    const dispatching = dispatchers.map(async (deps) => {
      while (!refusing.signal.aborted) await out.dispatch(deps)
    })
    await atRandom(users, (user) => refusals[kind](out, user))
    refusing.abort()
    await Promise.all(dispatching)
    while ((await out.dispatch()) > 0);

    expect(await out.app.sql`select * from violation`).toEqual([])
    const rows = await out.app.sql<
      { id: string; state: string }[]
    >`select id, state from activation`
    const of = (state: string) => rows.filter((row) => row.state === state).map(({ id }) => id)
    const stopped = of(kind === 'complaint' ? 'held' : 'recalled').length
    expect(of('sent').length + stopped).toBe(ids.length)
    expect(out.receiver.keys().toSorted()).toEqual(of('sent').toSorted())
    // Both happened, or nothing was shown.
    expect(of('sent').length).toBeGreaterThan(0)
    expect(stopped).toBeGreaterThan(0)
  },
)
