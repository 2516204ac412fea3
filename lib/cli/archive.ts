import {exportEnvironment} from '../environment/archive.js'
import {importEnvironment} from '../environment/import.js'
import {type Held, withEnvironment} from '../session/hold.js'
import {openContext} from './context.js'
import {onInterruption} from './interruption.js'
import {printAs} from './json.js'
import type {JsonOption} from './manage.js'
import {green, note, since} from './output.js'

export async function exportCommand(given: string, file: string, options: JsonOption): Promise<number> {
  const {store} = await openContext()
  const name = await store.called(given)
  const start = performance.now()
  const interruption = onInterruption('nothing was written')
  const write = ({record}: Held) => {
    store.checkWhole(record)
    return exportEnvironment(store, record, file, interruption.signal)
  }
  const bytes = await withEnvironment(store, name, 'ephemeral', write).finally(interruption.forget)
  if (options.json) printAs('export', {environment: name, file, bytes})
  else note(`${green('exported')} environment ${name} to ${file}, ${Math.round(bytes / 1e6)} MB, in ${since(start)}`)
  return 0
}

export async function importCommand(file: string, options: JsonOption & {name?: string}): Promise<number> {
  const {store} = await openContext()
  const start = performance.now()
  const interruption = onInterruption('nothing was made')
  const record = await importEnvironment(store, file, {name: options.name}, interruption.signal).finally(interruption.forget)
  if (options.json) printAs('import', record)
  else note(`${green('imported')} environment ${record.name} (${record.profile}, ${record.suite}) in ${since(start)}`)
  return 0
}
