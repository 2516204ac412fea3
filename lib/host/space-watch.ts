import {statfsSync} from 'node:fs'
import {XbuildError} from '../core/errors.js'
import {NO_SPACE_HINT} from '../core/no-space.js'

/** How often is looked, and how long nothing may have been heard, in ms. */
const EVERY_MS = 3000
const SILENCE_MS = 15_000

/** Bytes. What apt-get could not write it has given back: an index of an architecture alone is more. */
const NEARLY_FULL = 4 * 2 ** 20

export interface SpaceWatch {
  /** Aborted where the disk is full, and whoever writes there says nothing any more. */
  signal: AbortSignal
  /** It has said something. */
  heard: () => void
  stop: () => void
}

/**
 * Looks after the disk of a directory while something is made there: apt-get that finds no space for an index waits forever for its own
 * methods, and says nothing (`apt-get update` of 2.6 and 3.0).
 */
export function watchSpace(directory: string, silenceMs = SILENCE_MS, everyMs = EVERY_MS): SpaceWatch {
  const full = new AbortController()
  let last = performance.now()
  const look = () => {
    if (performance.now() - last < silenceMs || freeBytes(directory) >= NEARLY_FULL) return
    full.abort(new XbuildError('no-space', `no space left on the disk of ${directory}`, {hint: NO_SPACE_HINT}))
  }
  const timer = setInterval(look, everyMs)
  return {
    signal: full.signal,
    heard: () => {
      last = performance.now()
    },
    stop: () => clearInterval(timer),
  }
}

/** Where nobody can say, there is enough. */
function freeBytes(directory: string): number {
  try {
    const {bavail, bsize} = statfsSync(directory)
    return bavail * bsize
  } catch {
    return Number.POSITIVE_INFINITY
  }
}
