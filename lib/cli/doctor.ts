import {withInterpreters} from '../activator/system-entries.js'
import {readTargets} from '../config/profiles.js'
import {diagnose, isUsable, type Result} from '../core/doctor.js'
import {gatherFacts} from '../host/facts.js'
import {openContext} from './context.js'
import {green, note, print, printJson, red, yellow} from './output.js'

const PAINT = {ok: green, warning: yellow, missing: red} as const

/** Colors belong to a terminal: what is piped stays plain. */
const paintState = (state: Result['state']) => {
  const word = state.padEnd('missing'.length)
  return process.stdout.isTTY ? PAINT[state](word) : word
}

/** What this host can and cannot do. 0 where all that is needed is there. */
export async function doctor(options: {json?: boolean}): Promise<number> {
  const {settings} = await openContext()
  const suites = [...new Set((await readTargets()).map(target => target.defaultSuite))].sort()
  const facts = await gatherFacts(settings.data)
  const entries = await withInterpreters(facts.systemBinfmt.entries)
  const results = diagnose({...facts, systemBinfmt: {...facts.systemBinfmt, entries}}, suites)
  const usable = isUsable(results)
  if (options.json) {
    printJson({usable, results})
  } else {
    const width = Math.max(...results.map(({name}) => name.length))
    for (const {name, state, what, fix} of results) {
      print(`${paintState(state)}  ${name.padEnd(width)}  ${what}`)
      if (fix) print(`${' '.repeat('missing'.length + width + 4)}fix: ${fix}`)
    }
    note(usable ? 'this host can make and run environments' : 'this host cannot make and run environments yet: see what is missing')
  }
  return usable ? 0 : 1
}
