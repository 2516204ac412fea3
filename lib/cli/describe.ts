import {describeOperation, type Operation} from '../core/session/plan.js'
import {shellLine} from '../core/shell-words.js'
import {bootstrapRoutesCommand, type CreatePlan, type EmulatedCreatePlan, type SharedStep} from '../environment/create.js'
import {layOutCommand} from '../environment/cross-root.js'
import {isThere} from '../host/files.js'
import {mmdebstrapCommand} from '../root/bootstrap.js'
import {bootstrapPlaces, HOST_ROOT_OPERATIONS, hostRootBootstrap, type Root, rootPlan} from '../root/root.js'
import {twinPlan} from '../twins/set.js'

interface PlannedStep {
  step: SharedStep
  what: string
  there: boolean
  directory: string
  operations: readonly Operation[]
  command: readonly string[]
}

/** What `create` would do, for --dry-run. */
export function describeCreate(plan: CreatePlan): {lines: string[]; steps: PlannedStep[]} {
  const steps = stepsOf(plan)
  const from = plan.repository === undefined ? '' : `, with what ${plan.repository} has`
  return {lines: [...steps.flatMap(describeStep), `# the environment ${plan.name}${from}`], steps}
}

function stepsOf(plan: CreatePlan): PlannedStep[] {
  switch (plan.programs) {
    case 'emulated':
      return [twinStep(plan), ...rootSteps(plan)]
    case 'native':
      return [hostRootStep('root', 'the root', plan.root, plan)]
  }
}

function describeStep({what, there, directory, operations, command}: PlannedStep): string[] {
  if (there) return [`# ${what} is there: ${directory}`]
  if (operations.length === 0) return [`# ${what}, as root of a user namespace`, shellLine(command)]
  return [
    `# ${what}, as root of a user namespace with`,
    ...operations.map(operation => `#   ${describeOperation(operation)}`),
    shellLine(command),
  ]
}

function twinStep({profile, mirror, twins}: EmulatedCreatePlan): PlannedStep {
  const {bootstrap, operations} = twinPlan(twins, profile, mirror)
  return {
    step: 'twins',
    what: 'the twin set',
    there: isThere(twins.directory),
    directory: twins.directory,
    operations,
    command: mmdebstrapCommand(bootstrap, twins.tree),
  }
}

function rootSteps(plan: EmulatedCreatePlan): PlannedStep[] {
  const {profile, mirror, twins, root} = plan
  const own = {step: 'root', what: 'the root', there: isThere(root.directory), directory: root.directory} as const
  if (!root.host) {
    const session = {twins: twins.directory, writeRoutes: bootstrapRoutesCommand(plan), binfmt: plan.binfmt}
    const {bootstrap, operations} = rootPlan(root, profile, mirror, session, bootstrapPlaces(root.directory))
    return [{...own, operations, command: mmdebstrapCommand(bootstrap, root.tree)}]
  }
  const hostRoot = hostRootStep('host-root', "the root of the host's architecture", root.host, plan)
  return [
    {...hostRoot, there: hostRoot.there || own.there},
    {...own, operations: [], command: layOutCommand(plan, root.tree)},
  ]
}

const hostRootStep = (step: SharedStep, what: string, root: Root, {profile, mirror}: CreatePlan): PlannedStep => ({
  step,
  what,
  there: isThere(root.directory),
  directory: root.directory,
  operations: HOST_ROOT_OPERATIONS,
  command: mmdebstrapCommand(hostRootBootstrap(root, profile, mirror), root.tree),
})
