import { expect, test } from 'vitest'
import { createFlights } from '../../../../core/flow/channel/flights.ts'
import { createDispatcher, type Dispatcher } from '../../../../core/flow/dispatch/dispatcher.ts'
import { openOutward } from '../../../support/outward.ts'
import { openReceiver } from '../../../support/receiver.ts'

/**
 * Begins all that may begin now, and waits for nothing that is under way, but lets it get on: with every seat taken
 * a run answers without asking anybody, and a loop of such runs would keep timers and sockets from their turn.
 */
async function beginAll(dispatcher: Dispatcher): Promise<void> {
  while ((await dispatcher.run()) > 0);
  await new Promise(setImmediate)
}

test('a receiver that takes its time holds back nobody but itself', async () => {
  const answers: (() => void)[] = []
  await using out = await openOutward()
  await using slow = await openReceiver((_, response) => {
    answers.push(() => response.writeHead(200).end())
    return undefined
  })
  await out.say('ada', 'granted')
  const late: string[] = []
  const fine: string[] = []
  for (let n = 0; n < 5; n += 1) late.push(await out.propose('ada', { destination: slow.url }))
  for (let n = 0; n < 5; n += 1) fine.push(await out.propose('ada'))
  const dispatcher = createDispatcher(out.deps, createFlights({ max: 5, perCircuitMax: 2 }))
  while (out.receiver.requests.length < 5) await beginAll(dispatcher)
  await expect.poll(() => slow.requests.length).toBe(2)
  expect(out.receiver.keys().toSorted()).toEqual(fine.toSorted())
  while (slow.requests.length < 5) {
    for (const answer of answers.splice(0)) answer()
    await beginAll(dispatcher)
  }
  for (const answer of answers.splice(0)) answer()
  await dispatcher.settled()
  expect(slow.keys().toSorted()).toEqual(late.toSorted())
})

test('gives back what it could not record, and leaves alone what is still under way', async () => {
  let answer = (): void => undefined
  await using out = await openOutward()
  await using slow = await openReceiver((_, response) => {
    answer = () => response.writeHead(200).end()
    return undefined
  })
  await out.say('ada', 'granted')
  const underWay = await out.propose('ada', { destination: slow.url })
  const dispatcher = createDispatcher(out.deps)
  await beginAll(dispatcher)
  await expect.poll(() => slow.requests.length).toBe(1)
  // The transaction that records fails; the connection serves on.
  await out.app.sql.unsafe(`
    create function fail_once() returns trigger language plpgsql as $$
    begin
      if new.state = 'sent' then raise exception 'no space left on device'; end if;
      return new;
    end $$;
    create trigger fails before update on activation for each row execute function fail_once()`)
  const lost = await out.propose('ada')
  await dispatcher.run()
  await expect.poll(() => out.receiver.keys()).toEqual([lost])
  await expect.poll(() => out.app.sql`select 1 from activation where state = 'sent'`).toEqual([])
  await out.app.sql.unsafe('drop trigger fails on activation')
  while (out.receiver.requests.length < 2) await dispatcher.run()
  expect(await out.activation(underWay)).toMatchObject({ state: 'dispatching', attempts: 1 })
  answer()
  await dispatcher.settled()
  expect(await out.activation(lost)).toMatchObject({ state: 'sent', attempts: 2 })
  expect(await out.activation(underWay)).toMatchObject({ state: 'sent', attempts: 1 })
  expect(out.receiver.keys()).toEqual([lost, lost])
})
