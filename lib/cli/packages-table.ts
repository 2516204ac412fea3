import {PHASES} from '../core/bulk/log.js'
import type {Snapshot} from '../core/bulk/summary.js'
import {table} from './output.js'

/** Seconds, for people: 45 s, 12 min, 3 h 20 min. */
export function describeSeconds(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`
  const minutes = Math.round(seconds / 60)
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** Names that one line tells. */
const MOST_NAMES = 5

export function describeWork({work}: Snapshot): string {
  switch (work.kind) {
    case 'going-on':
      return `goes on, by ${work.by}`
    case 'waits':
      return `waits: ${work.why}`
    case 'idle':
      return work.left === 'killed' ? 'nobody works on it: it was killed, or has not begun' : `nobody works on it: ${work.left}`
  }
}

export function describeCounts({counts, verdicts, archive, verified, notTheSame, eta}: Snapshot): string {
  const told = (['built', 'failed', 'judging', 'blocked', 'building', 'queued'] as const)
    .filter(name => counts[name] > 0)
    .map(name => `${counts[name]} ${name}`)
  const faults = Object.entries(verdicts).map(([verdict, count]) => `${verdict} ${count}`)
  const archived = Object.entries(archive).map(([as, count]) => `${count} ${as}`)
  const compared = Object.entries(verified).map(([as, count]) => `${count} ${as}`)
  const odd = notTheSame.length > 0 ? ` (${notTheSame.slice(0, MOST_NAMES).join(', ')}${notTheSame.length > MOST_NAMES ? ' …' : ''})` : ''
  return [
    `${counts.all} packages: ${told.join(', ')}`,
    ...(faults.length > 0 ? [`verdicts: ${faults.join(', ')}`] : []),
    ...(archived.length > 0 ? [`with the archive's: ${archived.join(', ')}`] : []),
    ...(compared.length > 0 ? [`hybrid and emulated: ${compared.join(', ')}${odd}`] : []),
    ...(eta === undefined ? [] : [`done in about ${describeSeconds(eta)}`]),
  ].join('; ')
}

export const jobTable = ({jobs, nodes}: Snapshot): string[][] => [
  ['PACKAGE', 'WAY', 'PHASE', 'FOR', 'IN ALL', 'LEFT', ...(nodes ? ['NODE'] : [])],
  ...jobs.map(({package: name, way, phase, inPhase, elapsed, left, node}) => [
    name,
    way,
    PHASES[phase],
    describeSeconds(inPhase),
    describeSeconds(elapsed),
    left === undefined ? '' : `about ${describeSeconds(left)}`,
    ...(nodes ? [node ?? ''] : []),
  ]),
]

export const nodeTable = ({nodes = []}: Snapshot, most: number): string[][] => [
  ['NODE', 'STATE', 'SLOTS', 'BUILDING', 'LOAD', 'WHY NOT'],
  ...nodes
    .slice(0, most)
    .map(({name, state, slots, running, load, why}) => [name, state, String(slots), String(running), load?.toFixed(1) ?? '', why ?? '']),
]

export const failureTable = ({failures}: Snapshot, most: number): string[][] => [
  ['FAILED', 'VERDICT', 'REASON', 'NEEDED BY', 'HOW'],
  ...failures
    .slice(0, most)
    .map(({package: name, state, verdict, reason, dependents, how}) => [
      name,
      verdict ?? (state === 'blocked' ? state : ''),
      reason ?? '',
      String(dependents),
      how,
    ]),
]

/** All of a snapshot, for a terminal of so many lines. */
export function describeSnapshot(snapshot: Snapshot, lines: number): string[] {
  const head = [`${snapshot.run}, ${snapshot.environment}: ${describeWork(snapshot)}`, describeCounts(snapshot)]
  const all = snapshot.jobs.filter(({phase}) => phase !== 'queue')
  const waiting = snapshot.jobs.length - all.length
  const jobs = all.length > 0 ? ['', ...table(jobTable({...snapshot, jobs: all})).split('\n')] : []
  const queue = waiting > 0 ? [`and ${waiting} that wait for a node`] : []
  const nodes = snapshot.nodes ? ['', ...table(nodeTable(snapshot, Math.max(Math.floor(lines / 3), 3))).split('\n')] : []
  const room = Math.max(lines - head.length - jobs.length - nodes.length - 4, 3)
  const failures = snapshot.failures.length > 0 ? ['', ...table(failureTable(snapshot, room)).split('\n')] : []
  const more = snapshot.failures.length > room ? [`and ${snapshot.failures.length - room} more: --json has all`] : []
  return [...head, ...jobs, ...queue, ...nodes, ...failures, ...more]
}
