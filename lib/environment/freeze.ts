import {randomBytes} from 'node:crypto'
import {readdir, rename} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import {DPKG_DATABASE} from '../core/debian/packages.js'
import {isThere, makeClosedDirectory, makeDirectory} from '../host/files.js'
import {type EnvironmentRecord, writeRecord} from './record.js'
import type {Store} from './store.js'

/** Whether a session has changed anything: an untouched upper layer holds only the directories that are made with it. */
async function isUntouched(upper: string): Promise<boolean> {
  let directory = upper
  for (const part of DPKG_DATABASE.split('/')) {
    const names = await readdir(directory)
    if (names.length !== 1 || names[0] !== part) return false
    directory = join(directory, part)
  }
  return (await readdir(directory)).length === 0
}

/**
 * Turns what sessions changed into a layer that no session changes any more. The record tells of it first: whoever
 * finds it half done, after a crash, goes on from there (`finishFreezing`).
 */
export async function freeze(store: Store, record: EnvironmentRecord): Promise<EnvironmentRecord> {
  const whole = await finishFreezing(store, record)
  const paths = store.environment(record.name)
  if (await isUntouched(paths.upper)) return whole
  const id = randomBytes(8).toString('hex')
  const frozen = {...whole, layers: [id, ...whole.layers], freezing: id}
  await writeRecord(paths.record, frozen)
  return finishFreezing(store, frozen)
}

/** Completes what `freeze` began; a record that is not being frozen stays as it is. */
export async function finishFreezing(store: Store, record: EnvironmentRecord): Promise<EnvironmentRecord> {
  if (record.freezing === undefined) return record
  const paths = store.environment(record.name)
  const tree = store.layerTree(record.freezing)
  if (!isThere(tree)) {
    await makeClosedDirectory(store.layers)
    await makeDirectory(dirname(tree))
    await rename(paths.upper, tree)
  }
  await makeDirectory(join(paths.upper, DPKG_DATABASE))
  const {freezing: _, ...finished} = record
  await writeRecord(paths.record, finished)
  return finished
}
