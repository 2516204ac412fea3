import {readFileSync} from 'node:fs'
import type {Order, PlainOrder} from '../core/bulk/cycles.js'
import type {Needs} from '../core/bulk/graph.js'
import {isThere, writeFileSafely} from '../host/files.js'
import type {RunDirectory} from './run-directory.js'

/** Beside the plan, which is read at every look at a run: this is large. */
export const writeOrder = ({order: path}: RunDirectory, order: Order): Promise<void> =>
  writeFileSafely(path, `${JSON.stringify(plainOrder(order))}\n`)

/** Those that need nothing are there, too: others wait for them. */
export const plainOrder = ({needs, cuts}: Order): PlainOrder => ({needs: plain(needs), cuts: plain(cuts)})

const plain = (needs: Needs) => Object.fromEntries([...needs].map(([name, own]) => [name, [...own]]))

/** Undefined where any order does. */
export function readOrder({order: path}: RunDirectory): Order | undefined {
  if (!isThere(path)) return undefined
  const {needs, cuts}: PlainOrder = JSON.parse(readFileSync(path, 'utf8'))
  return {needs: mapped(needs), cuts: mapped(cuts)}
}

const mapped = (written: PlainOrder['needs']): Needs => new Map(Object.entries(written).map(([name, own]) => [name, new Set(own)]))
