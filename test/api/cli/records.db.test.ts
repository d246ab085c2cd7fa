import { expect, test } from 'vitest'
import { csvLine } from '../../../api/cli/csv.ts'
import { openCli } from '../../support/cli.ts'

test('prints the records for people, as JSON and as CSV, and the findings with their remedies', async () => {
  await using cli = await openCli()
  await cli.sql`
    insert into source (workspace_id, id, name, write_key_hash, created_at)
    values (${cli.workspaceId}, 's1', 'web, "main"', 'x', now())`
  await cli.sql`
    insert into trait_definition (workspace_id, key, data_class, registered, first_source, created_at)
    values (${cli.workspaceId}, 'email', 'contact', false, 's1', now())`
  const shown = await cli.run('records')
  expect(shown.out).toMatch(/\ncollection +source:s1 +- +1 +0 +active +0/)
  const records: { id: string }[] = JSON.parse((await cli.run('records', '--json')).out)
  expect(records).toContainEqual(expect.objectContaining({ id: 'source:s1', fields: ['email'] }))
  const csv = (await cli.run('records', '--csv')).out.split('\n')
  expect(csv[0]).toMatch(/^id,kind,who,description,purpose/)
  expect(csv).toHaveLength(records.length + 1)
  expect(csv.join('\n')).toContain('"Events of the source web, ""main"" are taken in')
  const findings = await cli.run('records', 'findings', '--json')
  expect(JSON.parse(findings.out)).toContainEqual(
    expect.objectContaining({ code: 'KEPT_WITHOUT_END', severity: 'LOW', object: 'trait:email' }),
  )
  expect((await cli.run('records', 'findings')).out).toMatch(/\nlow +email is personal data .* ttl/)
})

test('are refused to who may not read the audit log', async () => {
  await using cli = await openCli()
  const shop = cli.as((await cli.principal('app')).key)
  for (const args of [['records'], ['records', 'findings']]) {
    const { code, complaints } = await shop(...args)
    expect([code, complaints]).toEqual([1, expect.stringContaining('read AuditEntry')])
  }
})

test('a cell that a spreadsheet would take for a formula is text, and any other stays as it is', () => {
  expect(csvLine(['=1+1', '+a', 'a=b', 'x,y', ''])).toBe(`'=1+1,'+a,a=b,"x,y",`)
})
