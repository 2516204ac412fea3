import {randomBytes} from 'node:crypto'
import {readFileSync} from 'node:fs'
import {rename, rm} from 'node:fs/promises'
import {basename, join} from 'node:path'
import type {BulkPlan} from '../../core/bulk/plan.js'
import {XbuildError} from '../../core/errors.js'
import {exportEnvironment} from '../../environment/archive.js'
import {readArchived} from '../../environment/import.js'
import type {Store} from '../../environment/store.js'
import {isThere} from '../../host/files.js'
import {withEnvironment} from '../../session/hold.js'
import type {RunDirectory} from '../run-directory.js'
import {type ClusterChoice, linkAttempts, makeBelow, type SharedPlan, SharedRun, sharedEnvironments, sharedRunPath} from './shared-run.js'

/**
 * Puts what nodes need into the directory that they all see: the environments, each under the key of its content, and the plan. What is
 * there already stays: a run that goes on has the environments that it began with.
 */
export async function shareRun(
  store: Store,
  directory: RunDirectory,
  plan: BulkPlan,
  choice: ClusterChoice,
  events: {onExport: (environment: string) => void; signal: AbortSignal},
): Promise<SharedRun> {
  const run = new SharedRun(sharedRunPath(choice.shared, directory.name, choice.id))
  if (!isThere(choice.shared)) throw noShared(choice.shared)
  if (run.isThere()) run.acceptNodes()
  else {
    for (const name of ['environments', 'runs']) makeBelow(choice.shared, name)
    const isTried = plan.native !== undefined && plan.policy.experiments.includes('native')
    const environments: Record<string, {file: string; key: string}> = {}
    for (const name of [plan.environment, ...(isTried ? [plan.native as string] : [])]) {
      events.onExport(name)
      environments[name] = await shareEnvironment(store, name, choice.shared, events.signal)
    }
    const shared: SharedPlan = {plan: {...plan, packages: [], left: []}, choice, environments}
    run.create(shared, isThere(directory.coming) ? readFileSync(directory.coming, 'utf8') : undefined)
  }
  linkAttempts(directory, run)
  return run
}

const noShared = (path: string) =>
  new XbuildError('bad-directory', `the shared directory ${path} is not there`, {
    hint: `make it on a disk that all nodes see at this path: mkdir ${path}; or name another: --shared DIR`,
  })

async function shareEnvironment(store: Store, name: string, shared: string, signal: AbortSignal): Promise<{file: string; key: string}> {
  const partial = join(sharedEnvironments(shared), `.export-${randomBytes(4).toString('hex')}`)
  try {
    await withEnvironment(store, name, 'ephemeral', async ({record}) => {
      store.checkWhole(record)
      if (record.repository !== undefined) throw ownRepository(name, record.repository)
      await exportEnvironment(store, record, partial, {signal})
    })
    const {key} = readArchived(partial)
    const file = join(sharedEnvironments(shared), key)
    await rename(partial, file) // of the same key is the same content
    return {file, key: basename(file)}
  } finally {
    await rm(partial, {force: true})
  }
}

const ownRepository = (name: string, path: string) =>
  new XbuildError('usage', `environment "${name}" takes its packages from ${path}, which other machines do not have`, {
    hint: 'build with an environment of the archive, or on this machine: --engine local',
  })
