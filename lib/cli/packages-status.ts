import {setTimeout as sleep} from 'node:timers/promises'
import {readKeptSnapshot} from '../bulk/kept-snapshot.js'
import {readLive} from '../bulk/live.js'
import {readState, workerOf} from '../bulk/run.js'
import {findRun, type RunDirectory, readPlan} from '../bulk/run-directory.js'
import {type Snapshot, snapshotOf} from '../core/bulk/summary.js'
import {openContext} from './context.js'
import {printAs} from './json.js'
import {LiveLines, print, terminalLines} from './output.js'
import {describeSnapshot} from './packages-table.js'

/** How often a terminal's table is made anew, ms. */
const EVERY = 2000
const MANY = 10_000

/** On a terminal a table that changes until nobody works on the run; elsewhere one look. */
export async function packagesStatus(name: string | undefined, {json}: {json?: boolean}): Promise<number> {
  const {store} = await openContext()
  const directory = await findRun(store, name)
  const first = await lookAt(directory)
  if (json) {
    printAs('packages status', first)
    return 0
  }
  const lines = new LiveLines()
  let shown = first
  while (lines.isLive && terminalLines() !== undefined && shown.work.kind !== 'idle') {
    lines.show(describeSnapshot(shown, lines.room))
    await sleep(EVERY)
    shown = await lookAt(directory)
  }
  lines.clear()
  print(describeSnapshot(shown, terminalLines() ?? MANY).join('\n'))
  return 0
}

async function lookAt(directory: RunDirectory): Promise<Snapshot> {
  const worker = await workerOf(directory)
  const kept = worker ? undefined : readKeptSnapshot(directory)
  if (kept) return kept
  const plan = readPlan(directory)
  const state = readState(directory, plan)
  if (!worker) state.abandon()
  return snapshotOf(plan, state, readLive(directory), worker && `process ${worker.pid} on ${worker.host}`)
}
