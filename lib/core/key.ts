import {createHash} from 'node:crypto'

/** The name of a thing that is shared by all who would make the same: a digest of what goes into it. */
export function contentKey(parts: Record<string, unknown>): string {
  const sorted = Object.fromEntries(Object.entries(parts).sort(([a], [b]) => (a < b ? -1 : 1)))
  return createHash('sha256').update(JSON.stringify(sorted)).digest('hex').slice(0, 16)
}
