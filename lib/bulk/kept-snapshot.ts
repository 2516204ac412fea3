import {readFileSync, statSync} from 'node:fs'
import {join} from 'node:path'
import type {Snapshot} from '../core/bulk/summary.js'
import {parseJson} from '../core/json.js'
import {isThere, writeFileAtOnce} from '../host/files.js'
import type {RunDirectory} from './run-directory.js'

/** What a look at a run says once nobody works on it, and what its files were by then: while they are that, nothing else is true. */
interface KeptSnapshot {
  format: typeof FORMAT
  files: string
  snapshot: Snapshot
}

/** Another one whenever Snapshot changes: what an older program kept is not gone by. */
const FORMAT = 2

/** The journal is only added to, and the plan written once: one that is damaged has another size, or another time. */
function stampOf(directory: RunDirectory): string {
  const plan = statSync(directory.plan)
  return `${statSync(directory.journal).size} ${plan.size} ${plan.mtimeMs}`
}

const pathOf = ({path}: RunDirectory) => join(path, 'snapshot.json')

/** The journal is closed, and all of it written. */
export function keepSnapshot(directory: RunDirectory, snapshot: Snapshot): void {
  const kept: KeptSnapshot = {format: FORMAT, files: stampOf(directory), snapshot}
  writeFileAtOnce(pathOf(directory), JSON.stringify(kept))
}

/** undefined where there is none, or the run has gone on since. Thirty thousand packages need not be judged for each look. */
export function readKeptSnapshot(directory: RunDirectory): Snapshot | undefined {
  const path = pathOf(directory)
  const kept = isThere(path) ? (parseJson(readFileSync(path, 'utf8')) as KeptSnapshot | undefined) : undefined
  if (kept?.format !== FORMAT || !isThere(directory.journal) || !isThere(directory.plan)) return undefined
  return kept.files === stampOf(directory) ? kept.snapshot : undefined
}
