import {exportEnvironment} from '../environment/archive.js'
import {finishFreezing} from '../environment/freeze.js'
import {importEnvironment} from '../environment/import.js'
import {holdEnvironment} from '../session/run.js'
import {openContext} from './context.js'
import {onInterruption} from './interruption.js'
import type {JsonOption} from './manage.js'
import {green, note, printJson, since} from './output.js'

export async function exportCommand(name: string, file: string, options: JsonOption): Promise<number> {
  const {store} = await openContext()
  const found = await store.read(name)
  const start = performance.now()
  const lock = await holdEnvironment(store, name, found.freezing === undefined ? 'ephemeral' : 'lasting')
  const interruption = onInterruption('nothing was written')
  try {
    const record = await finishFreezing(store, await store.read(name))
    store.checkWhole(record)
    const bytes = await exportEnvironment(store, record, file, interruption.signal)
    if (options.json) printJson({environment: name, file, bytes})
    else note(`${green('exported')} environment ${name} to ${file}, ${Math.round(bytes / 1e6)} MB, in ${since(start)}`)
    return 0
  } finally {
    interruption.forget()
    await lock.release()
  }
}

export async function importCommand(file: string, options: JsonOption & {name?: string}): Promise<number> {
  const {store} = await openContext()
  const start = performance.now()
  const interruption = onInterruption('nothing was made')
  const record = await importEnvironment(store, file, options.name, interruption.signal).finally(interruption.forget)
  if (options.json) printJson(record)
  else note(`${green('imported')} environment ${record.name} (${record.profile}, ${record.suite}) in ${since(start)}`)
  return 0
}
