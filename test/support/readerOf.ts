import { createDoorkeeper } from '../../core/read/authenticate.ts'
import type { Role } from '../../core/model/principal.ts'
import type { Slateboard } from '../../core/open.ts'

type App = Pick<Slateboard, 'board' | 'policies' | 'workspaceId'>

/** Somebody of a role, as the policy in force lets them see. */
export const readerOf = (app: App, role: Role, purposes: string[] = []) =>
  createDoorkeeper(app.board, app.policies).read({
    id: role,
    workspaceId: app.workspaceId,
    name: role,
    role,
    purposes,
  })
