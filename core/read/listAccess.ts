import * as principals from '../../blackboard/query/listPrincipals.ts'
import * as sources from '../../blackboard/query/listSources.ts'
import { demand } from './reader.ts'
import type { Reader } from './reader.ts'

export type SourceView = Awaited<ReturnType<typeof sources.listSources>>[number]
export type PrincipalView = Awaited<ReturnType<typeof principals.listPrincipals>>[number]

/** Where events may come from; never the keys. @throws forbidden */
export async function listSources(reader: Reader): Promise<SourceView[]> {
  demand(reader, 'read', 'Source')
  return sources.listSources(reader.board.db.sql, { workspaceId: reader.principal.workspaceId })
}

/** Who may call the API, revoked ones too; never the keys. @throws forbidden */
export async function listPrincipals(reader: Reader): Promise<PrincipalView[]> {
  demand(reader, 'read', 'Principal')
  return principals.listPrincipals(reader.board.db.sql, {
    workspaceId: reader.principal.workspaceId,
  })
}
