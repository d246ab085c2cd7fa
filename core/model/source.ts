import { z } from 'zod'

export const sourceInputSchema = z.object({ name: z.string().trim().min(1).max(120) })
