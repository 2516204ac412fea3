import {readRootKind} from '../config/profiles.js'
import type {Upgrade} from '../core/debian/upgrades.js'
import {XbuildError} from '../core/errors.js'
import {areTwinsOutdated} from '../environment/outdated-twins.js'
import {type Held, withEnvironment} from '../session/hold.js'
import type {HeldPlace} from '../session/place.js'
import {scriptOptions} from '../session/script.js'
import {fetchMissingTwins} from '../session/twins.js'
import {fetchComingTwins, findUpgrades, upgradeScript} from '../session/upgrade.js'
import {type Context, openContext} from './context.js'
import {enterEnvironment} from './enter.js'
import {checkArchive} from './install.js'
import {onInterruption} from './interruption.js'
import {printAs} from './json.js'
import {MakingLine} from './making-line.js'
import type {JsonOption} from './manage.js'
import {green, note, print, warn} from './output.js'

export interface UpdateOptions extends JsonOption {
  dryRun?: boolean
}

/** Brings an environment's packages to what the archive has now, their twins first. */
export async function update(given: string | undefined, options: UpdateOptions): Promise<number> {
  const context = await openContext()
  const {store, settings} = context
  const name = await store.choose(given, settings.environment)
  const record = await store.read(name)
  if (!(await areTwinsOutdated(store, record))) await checkArchive(record)
  const upgrades = await lookAhead(context, name, options.dryRun === true)
  if (upgrades.length > 0 && !options.dryRun) await upgrade(context, name, options)
  if (options.json) printAs('update', {environment: name, dryRun: options.dryRun === true, upgrades})
  else tell(name, upgrades, options.dryRun === true)
  return 0
}

const counted = ({length}: readonly unknown[], what: string) => `${length} ${what}${length === 1 ? '' : 's'}`

function tell(name: string, upgrades: readonly Upgrade[], isDry: boolean): void {
  if (upgrades.length === 0) return note(`${name} has the newest of all its packages`)
  if (isDry) for (const {name: one, from, to} of upgrades) print(`${one} ${from ?? 'new'} → ${to}`)
  else note(`${green('updated')} ${counted(upgrades, 'package')} of ${name}`)
}

/** What will be upgraded; its twins are there then, unless that is only to be known. */
async function lookAhead({store, settings}: Context, name: string, isDry: boolean): Promise<Upgrade[]> {
  const interruption = onInterruption('nothing was updated')
  const live = new MakingLine(name)
  const {signal} = interruption
  const look = async ({record, lock}: Held): Promise<Upgrade[]> => {
    const place = {store, record, binfmt: settings.binfmt, locks: [lock]}
    const hasArchive = (await readRootKind(record.profile, record.suite)) === 'debian'
    const upgrades = hasArchive ? await findUpgrades(place, isDry ? 'ephemeral' : 'lasting', live.onLine, signal) : []
    if (isDry) return upgrades
    if (upgrades.length > 0) await fetchTwins(place, upgrades, live, signal)
    else
      await fetchMissingTwins(place, {
        onFetch: names => live.say(`fetching the twins of ${counted(names, 'package')}`),
        onLine: live.onLine,
        signal,
      })
    return upgrades
  }
  try {
    return await withEnvironment(store, name, isDry ? 'ephemeral' : 'lasting', look)
  } finally {
    live.stop()
    interruption.forget()
  }
}

/** Without them what comes is emulated, and the upgrade goes on. */
async function fetchTwins(place: HeldPlace, upgrades: readonly Upgrade[], live: MakingLine, signal: AbortSignal): Promise<void> {
  const {record} = place
  if (record.programs === 'native') return
  live.say(`fetching the twins of ${counted(upgrades, 'newer package')}`)
  try {
    await fetchComingTwins({...place, record}, upgrades, live.onLine, signal)
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof XbuildError)) throw error
    live.stop()
    warn(`xbuild-env: the twins of the newer packages cannot be fetched: they will be emulated: ${error.message}`)
  }
}

async function upgrade(context: Context, name: string, {json}: UpdateOptions): Promise<void> {
  const exitCode = await enterEnvironment(context, name, scriptOptions(upgradeScript(json ? 'stderr' : 'stdout')))
  if (exitCode === 0) return
  throw new XbuildError('install-failed', `apt-get ended with ${exitCode}`, {
    hint: 'its messages above say why; the environment is as apt-get left it',
  })
}
