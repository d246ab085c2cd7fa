import { expect, test } from 'vitest'
import { layBait } from '../../../core/host/attack/bait.ts'
import { files } from '../../../core/host/attack/files.ts'
import { attack, groups, places } from '../../../core/host/attack/report.ts'

const reportsOn = async (name: string) =>
  await Array.fromAsync(attack(places.filter((place) => place.name === name)))
import { attackWall } from '../../../core/host/attack/wall.ts'

test('has at least the 94 lines that Node was measured with', () => {
  expect(groups.flatMap(({ lines }) => lines).length).toBeGreaterThanOrEqual(94)
})

test.each(places.map(({ name }) => name))(
  'no attack and no bomb gets through: %s',
  { timeout: 300_000 },
  async (name) => {
    const reports = await reportsOn(name)
    expect(reports.length).toBeGreaterThanOrEqual(4)
    expect(reports.flatMap(({ group, open }) => open.map((each) => ({ group, ...each })))).toEqual(
      [],
    )
  },
)

test('the list finds what is open where the walls are taken away', async () => {
  await using laid = await layBait('secret')
  const { lines } = files
  const answers = await attackWall({ backend: 'process', isWeakened: true }, lines, laid)
  const open = lines.filter((_, at) => answers[at]?.open).map(({ what }) => what)
  expect(open).toEqual(
    expect.arrayContaining(['read a file by name', 'write a file', 'open a database file']),
  )
  expect(await laid.touched()).not.toEqual([])
})
