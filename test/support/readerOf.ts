import { createDoorkeeper } from '../../core/read/authenticate.ts'
import type { Role } from '../../core/model/principal.ts'
import type { TestApp } from './app.ts'

/** Somebody of a role, as the policy in force lets them see. */
export const readerOf = (app: TestApp, role: Role, purposes: string[] = []) =>
  createDoorkeeper(app.board, app.policies).read({
    id: role,
    workspaceId: app.workspaceId,
    name: role,
    role,
    purposes,
  })
