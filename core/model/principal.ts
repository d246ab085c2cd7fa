import { z } from 'zod'
import { purposeSchema } from './purpose.ts'

export const roles = ['admin', 'app', 'officer', 'operator', 'auditor', 'metrics'] as const
export const roleSchema = z.enum(roles)
export type Role = z.infer<typeof roleSchema>

/** Who is asking. Purposes bound what may be read; a read without a purpose sees only what needs none. */
export interface Principal {
  id: string
  workspaceId: number
  name: string
  role: Role
  purposes: string[]
}

export const principalInputSchema = z.object({
  name: z.string().trim().min(1).max(120),
  role: roleSchema,
  purposes: z.array(purposeSchema).max(50).default([]),
})
