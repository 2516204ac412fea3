import {readFileSync} from 'node:fs'
import {copyFile, rm} from 'node:fs/promises'
import {join} from 'node:path'
import type {AttemptResult} from '../core/bulk/result.js'
import {TRACE_TYPE} from '../core/debian/source-package.js'
import {printable} from '../core/printable.js'
import {parseTrace} from '../core/trace/format.js'
import {isThere} from '../host/files.js'
import {OutputDirectory, writerIn} from '../host/output-directory.js'
import {writeBuildLog} from '../packages/deb-build.js'
import {type DebSite, stepTrace} from '../packages/deb-site.js'
import {LOG_FILE} from './attempt-result.js'
import {ledgerOf} from './ledger.js'

/** Execs before a hang that are told. */
const LAST_EXECS = 40

/** What a build that hangs has begun last, for people; empty where that was not recorded. */
export function lastExecs(site: DebSite): string {
  const path = buildTrace(site)
  if (!isThere(path)) return ''
  const execs = parseTrace(readFileSync(path), path).events.flatMap(event => (event.kind === 'exec' ? [event] : []))
  const lines = execs
    .slice(-LAST_EXECS)
    .map(({time, pid, arguments: words, outcome}) => `${(time / 1000).toFixed(3)} ${pid} ${outcome.kind}: ${printable(words.join(' '))}`)
  return `\nthe last execs:\n${lines.join('\n')}\n`
}

/** runBuildOf calls a build's files by its name. */
const buildTrace = (site: DebSite) => join(site.directory, 'logs', 'build.trace')
const buildLog = (site: DebSite) => join(site.directory, 'logs', 'build.log')

/** Keeps a build's log and traces in the attempt's directory, before the layer goes. */
export async function keepLogs(site: DebSite, partial: string): Promise<void> {
  const output = new OutputDirectory(partial, '.', writerIn(site.store.home))
  try {
    await writeBuildLog(site, isThere(buildLog(site)) ? buildLog(site) : undefined, LOG_FILE, output)
  } finally {
    output.close()
  }
  for (const [step, path] of Object.entries({install: stepTrace(site, 'install'), build: buildTrace(site)})) {
    if (isThere(path)) await copyFile(path, join(partial, `${step}${TRACE_TYPE}`))
  }
}

/** What the kept traces come to. They are read once; those of what was built are large, and not needed any more. */
export async function readKeptTraces(partial: string, profile: string, are: 'needed' | 'read-once'): Promise<AttemptResult['ledger']> {
  const traces = ['install', 'build'].map(step => join(partial, `${step}${TRACE_TYPE}`))
  const ledger = await ledgerOf(traces, profile)
  if (are === 'read-once') for (const path of traces) await rm(path, {force: true})
  return ledger
}
