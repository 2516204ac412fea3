import {readPaths} from '../bulk/own-paths.js'
import {makePlanFromNothing, type PlannedFromNothing} from '../bulk/plan-from-nothing.js'
import {readProfile} from '../config/profiles.js'
import {type Blocked, countBlocked, describeBlocked} from '../core/bulk/blocked.js'
import type {PlanFromNothingJson} from '../core/bulk/from-nothing.js'
import {XbuildError} from '../core/errors.js'
import {readOwnSources} from '../packages/own-source.js'
import {openContext} from './context.js'
import {onInterruption} from './interruption.js'
import {printAs} from './json.js'
import {LiveLine, note, print} from './output.js'
import {checkProfiles, splitWords} from './packages-options.js'

export interface PackagesPlanOptions {
  all?: boolean
  section?: readonly string[]
  profiles?: readonly string[]
  json?: boolean
}

export async function packagesPlan(name: string, words: readonly string[], options: PackagesPlanOptions): Promise<number> {
  const {store, settings} = await openContext()
  const record = await store.read(await store.called(name))
  if (words.length === 0 && !options.all && !options.section) {
    throw new XbuildError('usage', 'the order of which packages?', {hint: `xbuild-env packages plan ${name} zlib, or --all`})
  }
  const {names, paths} = splitWords(words)
  const own = readPaths(paths)
  const {target} = await readProfile(record.profile, record.suite)
  const interruption = onInterruption('nothing is left of it')
  const live = new LiveLine()
  const planned = await makePlanFromNothing({
    store,
    record,
    binfmt: settings.binfmt,
    selection: {names, sections: options.section ?? [], all: options.all === true, sample: undefined, largest: undefined},
    own: readOwnSources(own.sources, target.architecture),
    profiles: checkProfiles(options.profiles ?? []),
    onLine: line => live.show(line),
    signal: interruption.signal,
  }).finally(() => {
    live.clear()
    interruption.forget()
  })
  for (const {word, why} of [...own.left, ...planned.left]) note(`left out: ${word}: ${why}`)
  if (options.json) printAs('packages plan', toJson({...planned, left: [...own.left, ...planned.left]}))
  else tell(planned, options.all === true)
  return 0
}

const toJson = ({
  architecture,
  rounds,
  withoutCuts,
  cuts,
  lessened,
  cycles,
  blocked,
  needs,
  left,
}: PlannedFromNothing): PlanFromNothingJson => ({
  architecture,
  counts: {
    inOrder: sum(withoutCuts),
    withCuts: rounds.reduce((count, round) => count + round.length, 0),
    blocked: blocked.size,
    blockedBy: countBlocked(blocked),
  },
  withoutCuts,
  rounds: rounds.map(round => round.map(source => ({source, waitsFor: [...(needs.get(source) ?? [])]}))),
  cuts,
  lessened,
  cycles,
  blocked: Object.fromEntries(blocked),
  left,
})

const sum = (numbers: readonly number[]) => numbers.reduce((one, other) => one + other, 0)

/** Names of a round that a person reads. */
const FEW = 12

function tell({rounds, withoutCuts, cuts, lessened, cycles, blocked, needs, architecture}: PlannedFromNothing, all: boolean): void {
  for (const [i, round] of rounds.entries()) {
    const names = all && round.length > FEW ? [...round.slice(0, FEW), '…'] : round
    const waits = (name: string) => [...(needs.get(name) ?? [])]
    const shown = names.map(name => (all || waits(name).length === 0 ? name : `${name} (after ${waits(name).join(', ')})`))
    print(`round ${i + 1}: ${round.length}: ${shown.join(', ')}`)
  }
  for (const {source, profiles, without} of all ? [] : cuts)
    print(`cut: ${source} with ${profiles.join(' ')}, without ${without.join(', ')}`)
  for (const {source, profiles} of all ? [] : lessened) print(`built with ${profiles.join(' ')}: ${source}`)
  for (const [name, why] of all ? [] : blocked) print(`blocked: ${name}: ${describeBlocked(why)}`)
  const counts = Object.entries(countBlocked(blocked)).map(([kind, count]) => `${count} ${DESCRIBED[kind as Blocked['kind']]}`)
  note(
    `${sum(rounds.map(({length}) => length))} source packages for ${architecture} in ${rounds.length} rounds (${sum(withoutCuts)} without a cut; ${cuts.length} cuts of ${cycles.length} cycles; ${lessened.length} built without what cannot be had)`,
  )
  if (blocked.size > 0) note(`${blocked.size} blocked: ${counts.join(', ')}; --json has the reason of each`)
}

const DESCRIBED: Readonly<Record<Blocked['kind'], string>> = {
  refused: 'need what cannot be a stub',
  lacking: 'need what the archive does not have',
  'not-for-target': 'have nothing for this CPU',
  cycle: 'are on cycles that no profile cuts',
  behind: 'need one of these',
}
