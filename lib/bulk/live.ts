import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import type {Live, LiveNode} from '../core/bulk/summary.js'
import {parseJson} from '../core/json.js'
import {isThere, writeFileAtOnce} from '../host/files.js'
import type {RunDirectory} from './run-directory.js'
import type {RunningAttempt} from './scheduler.js'

const livePath = ({path}: RunDirectory) => join(path, 'live.json')

export function readLive(directory: RunDirectory): Live | undefined {
  const path = livePath(directory)
  const live = isThere(path) ? (parseJson(readFileSync(path, 'utf8')) as Live | undefined) : undefined
  return Array.isArray(live?.jobs) ? live : undefined
}

export function liveOf(running: ReadonlyMap<string, RunningAttempt>, slots: number, nodes?: readonly LiveNode[]): Live {
  const now = performance.now()
  const seconds = (since: number) => Math.round((now - since) / 1000)
  const jobs = [...running.values()].map(({job, phase, since, phaseSince, node}) => ({
    package: job.package,
    way: job.way,
    phase,
    elapsed: seconds(since),
    inPhase: seconds(phaseSince),
    ...(node === undefined ? {} : {node}),
  }))
  return {at: new Date().toISOString(), slots, jobs, ...(nodes ? {nodes} : {})}
}

/** Whoever reads finds the old one or the new; after a power cut it says nothing any more. */
export const writeLive = (directory: RunDirectory, live: Live): void => writeFileAtOnce(livePath(directory), JSON.stringify(live))
