import type {LeftOut} from '../core/bulk/plan.js'
import {XbuildError} from '../core/errors.js'
import type {DebSource} from '../packages/deb-plan.js'
import {readSource} from '../packages/deb-source.js'

/** Source trees and .dsc files of the host's. One that cannot be read leaves the others as they are. */
export function readPaths(paths: readonly string[]): {sources: DebSource[]; left: LeftOut[]} {
  const read: {sources: DebSource[]; left: LeftOut[]} = {sources: [], left: []}
  for (const word of paths) {
    try {
      read.sources.push(readSource(word, ''))
    } catch (error) {
      if (!(error instanceof XbuildError)) throw error
      read.left.push({word, why: error.message})
    }
  }
  return read
}
