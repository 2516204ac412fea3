import {closeSync, openSync, readSync} from 'node:fs'
import type {RoutingPaths} from './routing-paths.js'

/** Raised when the routes of the same packages would come out otherwise: other rules, another way to look. */
export const ROUTING_FORMAT = 12

/** How what is kept begins: JSON.stringify keeps the order of an object's keys. */
const BEGINNING = `{"format":${ROUTING_FORMAT},`

/** Whether an environment's routes were found by this version's rules. Of a file that may have a megabyte, the first bytes are read. */
export function isRoutingCurrent({routing}: RoutingPaths): boolean {
  let file: number
  try {
    file = openSync(routing, 'r')
  } catch {
    return false
  }
  try {
    const bytes = Buffer.alloc(BEGINNING.length)
    return readSync(file, bytes) === bytes.length && bytes.toString() === BEGINNING
  } finally {
    closeSync(file)
  }
}
