import {z} from 'zod'
import type {FaultOf} from '../core/bulk/judge.js'
import type {KnownReason} from '../core/bulk/log.js'
import {readData} from './profiles.js'

const reasonSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]+$/),
  /** Of a line of a build's log. */
  pattern: z.string(),
  /** Full clauses: what it means, and what helps. */
  reason: z.string(),
  remedy: z.string(),
  /** Whose fault it is where the package fails natively too; by default its own. */
  fault: z.enum(['sandbox', 'infrastructure']).optional(),
})

/** Known reasons of failures; of two that a line has, the first counts. */
export async function readReasons(): Promise<KnownReason[]> {
  const reasons = await readData(z.array(reasonSchema), 'reasons.json')
  return reasons.map(({fault, pattern, ...rest}) => ({...rest, pattern: new RegExp(pattern), fault}))
}

/** What the known reasons say of whose fault a failure is. */
export const faultsOf = (reasons: readonly KnownReason[]): FaultOf => {
  const faults = new Map(reasons.map(({id, fault}) => [id, fault]))
  return reason => (reason === undefined ? undefined : faults.get(reason))
}
