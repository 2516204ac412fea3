import {describeShare} from '../core/bytes.js'
import {exportEnvironment} from '../environment/archive.js'
import {importEnvironment} from '../environment/import.js'
import type {EnvironmentRecord} from '../environment/record.js'
import type {Store} from '../environment/store.js'
import {measureEnvironments} from '../environment/usage.js'
import {type Held, withEnvironment} from '../session/hold.js'
import {openContext} from './context.js'
import {onInterruption} from './interruption.js'
import {printAs} from './json.js'
import type {JsonOption} from './manage.js'
import {green, LiveLine, note, since} from './output.js'
import {Redrawing} from './redrawing.js'

export async function exportCommand(given: string, file: string, options: JsonOption): Promise<number> {
  const {store} = await openContext()
  const name = await store.called(given)
  const start = performance.now()
  const interruption = onInterruption('nothing was written')
  const live = new LiveLine()
  const write = async ({record}: Held) => {
    store.checkWhole(record)
    const onPacked = live.isLive ? await showing(live, store, record) : undefined
    return exportEnvironment(store, record, file, {signal: interruption.signal, ...(onPacked && {onPacked})})
  }
  const bytes = await withEnvironment(store, name, 'ephemeral', write).finally(() => {
    live.clear()
    interruption.forget()
  })
  if (options.json) printAs('export', {environment: name, file, bytes})
  else note(`${green('exported')} environment ${name} to ${file}, ${Math.round(bytes / 1e6)} MB, in ${since(start)}`)
  return 0
}

/** What an environment takes on the disk is about what is packed: its files take whole blocks there, and here a header each. */
async function showing(live: LiveLine, store: Store, record: EnvironmentRecord): Promise<(bytes: number) => void> {
  const start = performance.now()
  const [usage = {own: 0, shared: 0}] = await measureEnvironments(store, [record])
  const all = usage.own + usage.shared
  return bytes => live.show(`${Math.floor((performance.now() - start) / 1000)} s  packing, ${describeShare(Math.min(bytes, all), all)}`)
}

export async function importCommand(file: string, options: JsonOption & {name?: string}): Promise<number> {
  const {store} = await openContext()
  const start = performance.now()
  const interruption = onInterruption('nothing was made')
  const live = new LiveLine()
  const drawn = new Redrawing(live, () => live.show(`${Math.floor((performance.now() - start) / 1000)} s  checking and unpacking ${file}`))
  drawn.begin()
  const record = await importEnvironment(store, file, {name: options.name}, interruption.signal).finally(() => {
    drawn.end()
    interruption.forget()
  })
  if (options.json) printAs('import', record)
  else note(`${green('imported')} environment ${record.name} (${record.profile}, ${record.suite}) in ${since(start)}`)
  return 0
}
