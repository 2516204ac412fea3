import {closeSync, fstatSync, openSync, readSync} from 'node:fs'
import type {RoutingPaths} from './routing-paths.js'

/**
 * Raised when the routes of the same packages would come out otherwise: other rules, another way to look; and when what native
 * interpreters begin with is another (shims/gdb, perl, python, strace), which is filled in together with the routes.
 */
export const ROUTING_FORMAT = 19

/** How what is kept begins: JSON.stringify keeps the order of an object's keys. */
const BEGINNING = new RegExp(`^\\{"format":${ROUTING_FORMAT},"statusTime":([0-9.]+),`)
/** Bytes: more than the longest beginning. */
const BEGINNING_SIZE = 64
const END = '}\n'

/** Whether an environment's routes were found by this version's rules. */
export const isRoutingCurrent = (paths: RoutingPaths): boolean => routingTime(paths) !== undefined

/**
 * Of which dpkg status file an environment's routes were found, by its time in ms since 1970; undefined where this version's
 * rules did not find them, or what is kept was cut short. Of a file that may have a megabyte, the first and last bytes are read.
 */
export function routingTime({routing}: RoutingPaths): number | undefined {
  let file: number
  try {
    file = openSync(routing, 'r')
  } catch {
    return undefined
  }
  try {
    const time = BEGINNING.exec(readAt(file, 0, BEGINNING_SIZE))?.[1]
    const isWhole = readAt(file, Math.max(0, fstatSync(file).size - END.length), END.length) === END
    return time === undefined || !isWhole ? undefined : Number(time)
  } finally {
    closeSync(file)
  }
}

function readAt(file: number, at: number, size: number): string {
  const bytes = Buffer.alloc(size)
  return bytes.toString('latin1', 0, readSync(file, bytes, 0, size, at))
}
