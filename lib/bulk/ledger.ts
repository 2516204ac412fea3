import {readFileSync} from 'node:fs'
import type {AttemptLedger, LedgerLine} from '../core/bulk/result.js'
import {parseTrace} from '../core/trace/format.js'
import {describeReason, makeLedger} from '../core/trace/ledger.js'
import {buildSpans} from '../core/trace/spans.js'
import {isThere} from '../host/files.js'
import {neverRouted} from '../measure/never-routed.js'

/** Programs of one attempt that are told of: those that cost the most. */
const MOST = 200

/** What the traces of an attempt say; they are read once, here. */
export async function ledgerOf(traces: readonly string[], profile: string): Promise<AttemptLedger | undefined> {
  const isNever = await neverRouted(profile)
  const ledgers = traces.filter(isThere).map(path => {
    const {header, events} = parseTrace(readFileSync(path), path)
    return makeLedger(header, buildSpans(events), isNever)
  })
  if (ledgers.length === 0) return undefined
  const sum = (part: 'native' | 'emulated' | 'own') => Math.round(ledgers.reduce((all, ledger) => all + ledger[part].time, 0))
  const lines = new Map<string, LedgerLine>()
  for (const row of ledgers.flatMap(ledger => ledger.rows)) {
    if (row.origin !== 'distribution' || row.emulated.execs === 0) continue
    const known = lines.get(row.program)
    const reason = row.reasons[0]
    lines.set(row.program, {
      program: row.program,
      execs: (known?.execs ?? 0) + row.emulated.execs,
      time: Math.round((known?.time ?? 0) + row.emulated.time),
      why: row.routing === 'never' ? 'never routed' : reason ? describeReason(reason.outcome) : (known?.why ?? ''),
    })
  }
  const rows = [...lines.values()].sort((a, b) => b.time - a.time).slice(0, MOST)
  return {native: sum('native'), emulated: sum('emulated'), own: sum('own'), rows}
}

/** The part of all its programs' time that was emulated, 0 to 1. */
export function emulatedShare({native, emulated, own}: AttemptLedger): number {
  const all = native + emulated + own
  return all === 0 ? 0 : (emulated + own) / all
}
