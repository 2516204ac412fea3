import type {RunState} from './state.js'
import {tellingAttempt, verifiedAs} from './state.js'
import {describeEnd} from './summary.js'

/** A package in the page's table: short, since there may be thirty thousand. The page's script has the same order. */
export type Row = readonly [
  name: string,
  version: string,
  state: string,
  verdict: string,
  reason: string,
  seconds: number,
  /** Of a thousand parts of its programs' time, those emulated; -1: not known. */
  emulated: number,
  dependents: number,
  attempts: number,
  how: string,
  archive: string,
  verified: string,
]

/** Characters of what went wrong that the table shows. */
const MOST = 200

export const rowsOf = (state: RunState): Row[] =>
  [...state.packages.values()].map(one => {
    const {planned, judged, attempts} = one
    const end = tellingAttempt(one)?.end
    const share = end && 'share' in end && end.share !== undefined ? Math.round(end.share * 1000) : -1
    const reason = end?.kind === 'failed' ? (end.reason ?? '') : ''
    const how = end && end.kind !== 'built' ? describeEnd(end).slice(0, MOST) : (planned.blocked ?? '')
    const {name, version, dependents} = planned
    return [
      name,
      version,
      one.state,
      judged?.verdict ?? '',
      reason,
      Math.round(end?.seconds ?? 0),
      share,
      dependents,
      attempts.length,
      how,
      end?.kind === 'built' ? (end.archive ?? '') : '',
      verifiedAs(one) ?? '',
    ]
  })
