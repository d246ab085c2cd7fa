import { asDatabaseError } from '../../blackboard/failure.ts'
import type { SlateboardError } from '../errors.ts'

/** Any thrown value as a catalogued error, what the database threw among them. */
export const asFailure = (thrown: unknown): SlateboardError => asDatabaseError(thrown)
