import {writeChoice} from '../bulk/cluster/shared-run.js'
import {writeComing} from '../bulk/coming.js'
import {requireFtparchive} from '../bulk/ftparchive.js'
import {type MadePlan, makePlan} from '../bulk/make-plan.js'
import {plainOrder, writeOrder} from '../bulk/order-file.js'
import {tryHoldRun} from '../bulk/run.js'
import {type RunDirectory, runDirectory, runNames, writePlan} from '../bulk/run-directory.js'
import {readRootKind} from '../config/profiles.js'
import type {Order} from '../core/bulk/cycles.js'
import type {BulkPlan, LeftOut} from '../core/bulk/plan.js'
import {XbuildError} from '../core/errors.js'
import {requireTwins} from '../environment/record.js'
import type {Store} from '../environment/store.js'
import {refuseStubs} from '../environment/stubs-left.js'
import {isThere, makeDirectory} from '../host/files.js'
import type {Lock} from '../host/lock.js'
import {openContext} from './context.js'
import {onInterruption} from './interruption.js'
import {printAs} from './json.js'
import {LiveLine, note, print} from './output.js'
import {chooseEngine} from './packages-engine.js'
import {type PackagesBuildOptions, readChoices, readSelection, readVerify} from './packages-options.js'
import {work} from './packages-work.js'

export async function packagesBuild(given: string, words: readonly string[], options: PackagesBuildOptions): Promise<number> {
  const choices = readChoices(options)
  const verify = readVerify(options)
  const context = await openContext()
  const {store} = context
  const cluster = chooseEngine(options, store)
  const name = await store.called(given)
  const record = await store.read(name)
  if (options.verify) await refuseStubs(store, requireTwins(record))
  if (choices.against !== 'archive' || (await readRootKind(record.profile, record.suite)) === 'cross') await requireFtparchive()
  const asked = runDirectory(store, options.run ?? (await freeName(store, name)))
  if (isThere(asked.plan)) throw nameTaken(asked)
  const wanted = await readSelection(words, options)
  const interruption = onInterruption('nothing is left of it')
  const live = new LiveLine()
  const made = await makePlan(
    {store, binfmt: context.settings.binfmt, record, name: asked.name, native: options.native, verify, ...choices, ...wanted},
    {checkInstallable: options.checkInstallable, onLine: line => live.show(line), onNote: note, signal: interruption.signal},
  ).finally(() => {
    live.clear()
    interruption.forget()
  })
  const {plan, order} = made
  for (const one of plan.left) note(describeLeft(one))
  for (const name of verify.names.filter(name => !plan.packages.some(one => one.name === name))) {
    note(`not built, so not verified: ${name}`)
  }
  if (plan.packages.length === 0) throw nothingToBuild(plan.left)
  if (options.dryRun) return describe(plan, order, options)
  const {directory, lock} = await makeRun(store, made, options.run)
  if (cluster) writeChoice(directory, cluster)
  return work(context, directory, lock, options)
}

const nameTaken = ({name}: RunDirectory) =>
  new XbuildError('name-taken', `run "${name}" already exists`, {
    hint: `go on with it: xbuild-env packages resume ${name}; or call this one something else: --run NAME`,
  })

/** Who began another run meanwhile has its name: what was not given one gets another. */
async function makeRun(
  store: Store,
  {plan, order, coming}: MadePlan,
  asked: string | undefined,
): Promise<{directory: RunDirectory; lock: Lock}> {
  for (;;) {
    const directory = runDirectory(store, asked ?? (await freeName(store, plan.environment)))
    await makeDirectory(directory.path)
    const lock = await tryHoldRun(directory)
    if (lock && !isThere(directory.plan)) {
      if (order) await writeOrder(directory, order)
      if (coming) await writeComing(directory, coming)
      await writePlan(directory, {...plan, name: directory.name})
      return {directory, lock}
    }
    await lock?.release()
    if (asked !== undefined) throw nameTaken(directory)
  }
}

const describeLeft = ({word, why, nearest}: LeftOut) =>
  `left out: ${word}: ${why}${nearest === undefined ? '' : `; did you mean ${nearest}?`}`

const nothingToBuild = (left: readonly LeftOut[]) =>
  new XbuildError('unknown-package', 'there is nothing to be built', {
    hint: left.length > 0 ? 'name source packages, as apt-get source takes them' : 'name packages, or --list, --section, --sample or --all',
  })

function describe(plan: BulkPlan, order: Order | undefined, {json}: PackagesBuildOptions): number {
  if (json) printAs('packages build --dry-run', order ? {...plan, order: plainOrder(order)} : plan)
  else {
    for (const {name, version, blocked} of plan.packages)
      print(`${name} ${version}${blocked === undefined ? '' : `  (blocked: ${blocked})`}${describeNeeds(name, order)}`)
    note(`${plan.packages.length} packages for ${plan.architecture}, in environment ${plan.environment}`)
  }
  return 0
}

function describeNeeds(name: string, order: Order | undefined): string {
  const [needs, cuts] = [order?.needs, order?.cuts].map(one => [...(one?.get(name) ?? [])].join(', '))
  const told = [...(needs ? [`after ${needs}`] : []), ...(cuts ? [`at first with the archive's ${cuts}`] : [])]
  return told.length > 0 ? `  (${told.join('; ')})` : ''
}

/** ENV-2026-11-30, and with a number where that is taken. */
async function freeName(store: Store, environment: string): Promise<string> {
  const taken = new Set(await runNames(store))
  const base = `${environment}-${new Date().toISOString().slice(0, 10)}`
  let name = base
  for (let number = 2; taken.has(name); number++) name = `${base}.${number}`
  return name
}
