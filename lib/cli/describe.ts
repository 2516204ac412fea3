import {describeOperation, type Operation} from '../core/plan.js'
import {shellLine} from '../core/shell-words.js'
import {bootstrapRoutesCommand, type CreatePlan, type SharedStep} from '../environment/create.js'
import {layOutCommand} from '../environment/cross-root.js'
import {isThere} from '../host/files.js'
import {mmdebstrapCommand} from '../root/bootstrap.js'
import {bootstrapPlaces, HOST_ROOT_OPERATIONS, hostRootBootstrap, rootPlan} from '../root/root.js'
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
  const steps = [twinStep(plan), ...rootSteps(plan)]
  return {lines: [...steps.flatMap(describeStep), `# the environment ${plan.name}`], steps}
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

function twinStep({profile, mirror, twins}: CreatePlan): PlannedStep {
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

function rootSteps(plan: CreatePlan): PlannedStep[] {
  const {profile, mirror, twins, root} = plan
  const own = {step: 'root', what: 'the root', there: isThere(root.directory), directory: root.directory} as const
  if (!root.host) {
    const session = {twins: twins.directory, writeRoutes: bootstrapRoutesCommand(plan), binfmt: plan.binfmt}
    const {bootstrap, operations} = rootPlan(root, profile, mirror, session, bootstrapPlaces(root.directory))
    return [{...own, operations, command: mmdebstrapCommand(bootstrap, root.tree)}]
  }
  const {host} = root
  return [
    {
      step: 'host-root',
      what: "the root of the host's architecture",
      there: isThere(host.directory) || own.there,
      directory: host.directory,
      operations: HOST_ROOT_OPERATIONS,
      command: mmdebstrapCommand(hostRootBootstrap(host, profile, mirror), host.tree),
    },
    {...own, operations: [], command: layOutCommand(plan, root.tree)},
  ]
}
