/**
 * scheduler.js DIRECTORY: works on a run whose attempts are imitated, on the Slurm that SLURM_CONF tells of, and prints how it ended.
 * A program of its own, so that a test can kill it.
 */
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {readChoice, SharedRun, sharedRunPath} from '../../../lib/bulk/cluster/shared-run.js'
import {SlurmEngine} from '../../../lib/bulk/cluster/slurm-engine.js'
import {holdRun, workOn} from '../../../lib/bulk/run.js'
import {RunDirectory, readPlan} from '../../../lib/bulk/run-directory.js'
import type {Job} from '../../../lib/core/bulk/queue.js'
import {slurm} from '../../../lib/host/slurm.js'

const directory = new RunDirectory(process.argv[2] as string)
const plan = readPlan(directory)
const choice = readChoice(directory)
if (!choice) throw new Error('there is no engine.json')
const run = new SharedRun(sharedRunPath(choice.shared, directory.name, choice.id))
const planned = new Map(plan.packages.map(one => [one.name, one]))
const script = readFileSync(join(directory.path, 'script'), 'utf8')
const scriptOf = ({package: name, attempt, way}: Job) =>
  `#!/bin/sh\nset -- '${run.path}' '${name}' '${attempt}' '${way}' '${planned.get(name)?.expected}'\n${script}`
const orderOf = ({package: name, attempt, way}: Job) => {
  const one = planned.get(name)
  if (!one) throw new Error(`the plan has no ${name}`)
  return {planned: one, attempt, way, profiles: []}
}
const never = new AbortController().signal
const engine = await SlurmEngine.open({cluster: slurm, run, choice, limits: plan.settings.limits, orderOf, scriptOf}, never)
const lock = await holdRun(directory)
const {end, state} = await workOn(directory, {
  engine,
  processors: 1,
  faultOf: () => undefined,
  onDamaged: () => {},
  onOpened: () => {},
  onRound: () => {},
  interrupted: never,
  killed: never,
  requests: [],
})
await lock.release()
const packages = [...state.packages.values()].map(({planned: {name}, state: is, attempts}) => ({name, state: is, attempts}))
process.stdout.write(JSON.stringify({end, packages, nodes: engine.nodes()}))
