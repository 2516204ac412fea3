import {withInterpreters} from '../activator/system-entries.js'
import {readTargets} from '../config/profiles.js'
import {diagnose, isUsable, type Result} from '../core/doctor/doctor.js'
import type {Store} from '../environment/store.js'
import {gatherFacts} from '../host/facts.js'
import {openContext} from './context.js'
import {printAs} from './json.js'
import {green, note, print, red, yellow} from './output.js'

const PAINT = {ok: green, warning: yellow, missing: red} as const

/** Colors belong to a terminal: what is piped stays plain. */
const paintState = (state: Result['state']) => {
  const word = state.padEnd('missing'.length)
  return process.stdout.isTTY ? PAINT[state](word) : word
}

/** Of all environments whose programs are handed to the activator; one that is damaged is for other commands to tell. */
async function environmentProfiles(store: Store): Promise<string[]> {
  const records = await Promise.all((await store.names()).map(name => store.read(name).catch(() => undefined)))
  return [...new Set(records.flatMap(record => (record?.programs === 'emulated' ? record.profile : [])))]
}

/** What this host can and cannot do. 0 where all that is needed is there. */
export async function doctor(options: {json?: boolean}): Promise<number> {
  const {settings, store} = await openContext()
  const suites = [...new Set((await readTargets()).map(target => target.defaultSuite))].sort()
  const profiles = await environmentProfiles(store)
  const facts = await gatherFacts({data: settings.data, binfmt: settings.binfmt, profiles})
  const {system} = facts.binfmt
  const entries = await withInterpreters(system.entries)
  const results = diagnose({...facts, binfmt: {...facts.binfmt, system: {...system, entries}}}, suites)
  const usable = isUsable(results)
  if (options.json) {
    printAs('doctor', {usable, results})
  } else {
    const width = Math.max(...results.map(({name}) => name.length))
    for (const {name, state, what, fix} of results) {
      print(`${paintState(state)}  ${name.padEnd(width)}  ${what}`)
      if (fix) print(`${' '.repeat('missing'.length + width + 4)}fix: ${fix}`)
    }
    note(
      usable
        ? 'all that was tried works: this host can make and run environments'
        : 'this host cannot make and run environments yet: see what is missing',
    )
  }
  return usable ? 0 : 1
}
