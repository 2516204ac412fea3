import {withInterpreters} from '../activator/system-entries.js'
import {readTargets} from '../config/profiles.js'
import {diagnose, isUsable, type Result} from '../core/doctor/doctor.js'
import {XbuildError} from '../core/errors.js'
import type {Store} from '../environment/store.js'
import {gatherFacts} from '../host/facts.js'
import {openContext} from './context.js'
import type {ClusterOptions} from './doctor-cluster.js'
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

interface DoctorOptions extends ClusterOptions {
  json?: boolean
  engine?: string
}

const HOST_WORDS = {
  usable: 'all that was tried works: this host can make and run environments',
  lacking: 'this host cannot make and run environments yet: see what is missing',
}
const CLUSTER_WORDS = {
  usable: 'the nodes that were asked can build packages',
  lacking: 'not all nodes can build packages yet: see what is missing',
}

/** What this host can and cannot do. 0 where all that is needed is there. */
export async function doctor(options: DoctorOptions): Promise<number> {
  if (options.engine !== undefined && options.engine !== 'slurm') {
    throw new XbuildError('usage', `--engine ${options.engine}: there is no such engine`, {hint: 'xbuild-env doctor --engine slurm'})
  }
  if (options.engine === 'slurm')
    return report(await (await import('./doctor-cluster.js')).diagnoseCluster(options), CLUSTER_WORDS, options)
  const {settings, store} = await openContext()
  const suites = [...new Set((await readTargets()).map(target => target.defaultSuite))].sort()
  const profiles = await environmentProfiles(store)
  const facts = await gatherFacts({data: settings.data, binfmt: settings.binfmt, profiles})
  const {system} = facts.binfmt
  const entries = await withInterpreters(system.entries)
  const results = diagnose({...facts, binfmt: {...facts.binfmt, system: {...system, entries}}}, suites)
  return report(results, HOST_WORDS, options)
}

function report(results: readonly Result[], words: Record<'usable' | 'lacking', string>, options: DoctorOptions): number {
  const usable = isUsable(results)
  if (options.json) {
    printAs('doctor', {usable, results})
  } else {
    const width = Math.max(...results.map(({name}) => name.length))
    for (const {name, state, what, fix} of results) {
      print(`${paintState(state)}  ${name.padEnd(width)}  ${what}`)
      if (fix) print(`${' '.repeat('missing'.length + width + 4)}fix: ${fix}`)
    }
    note(usable ? words.usable : words.lacking)
  }
  return usable ? 0 : 1
}
