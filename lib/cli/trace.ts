import {writeFile} from 'node:fs/promises'
import {parseTrace} from '../core/trace/format.js'
import {makeLedger} from '../core/trace/ledger.js'
import {buildSpans} from '../core/trace/spans.js'
import {cannotWrite, readTraceFile} from '../host/trace-file.js'
import {neverRouted} from '../measure/never-routed.js'
import {reportTrace} from '../measure/trace-report.js'
import {printAs} from './json.js'
import {note, print, table} from './output.js'

export interface TraceOptions {
  json?: boolean
  html?: string
}

export async function trace(path: string, options: TraceOptions): Promise<number> {
  const recorded = parseTrace(await readTraceFile(path), path)
  const built = buildSpans(recorded.events)
  const ledger = makeLedger(recorded.header, built, await neverRouted(recorded.header.profile))
  if (options.html !== undefined) {
    const {tracePage} = await import('../measure/trace-page.js')
    await writeReport(options.html, tracePage(recorded.header, ledger, built))
  }
  if (options.json) {
    printAs('trace', {...recorded.header, ...ledger})
  } else if (options.html === undefined) {
    const report = reportTrace(recorded.header, ledger)
    print(report.facts.join('\n'))
    if (report.next.length > 0) print(`\nto route next:\n${report.next.map(line => `  ${line}`).join('\n')}`)
    if (report.ledger.length > 1) print(`\n${table(report.ledger)}`)
  }
  return 0
}

async function writeReport(path: string, text: string): Promise<void> {
  await writeFile(path, text).catch(error => {
    throw cannotWrite(path, error)
  })
  note(`wrote ${path}`)
}
