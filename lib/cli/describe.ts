import {describeOperation} from '../core/plan.js'
import {shellLine} from '../core/shell-words.js'
import {bootstrapRoutesCommand, type CreatePlan} from '../environment/create.js'
import {isThere} from '../host/files.js'
import {mmdebstrapCommand} from '../root/bootstrap.js'
import {bootstrapPlaces, rootPlan} from '../root/root.js'
import {twinBootstrap} from '../twins/set.js'

/** What `create` would do, for --dry-run. */
export function describeCreate(plan: CreatePlan): {
  lines: string[]
  twins: {there: boolean; command: string[]}
  root: {there: boolean; command: string[]; operations: readonly object[]}
} {
  const {profile, mirror, twins, root} = plan
  const session = {twins, writeRoutes: bootstrapRoutesCommand(plan), binfmt: plan.binfmt}
  const made = rootPlan(root, profile, mirror, session, bootstrapPlaces(root.directory))
  const twinCommand = mmdebstrapCommand(twinBootstrap(twins, profile, mirror), twins.tree)
  const rootCommand = mmdebstrapCommand(made.bootstrap, root.tree)
  const there = {twins: isThere(twins.directory), root: isThere(root.directory)}
  return {
    lines: [
      ...(there.twins
        ? [`# the twin set is there: ${twins.directory}`]
        : ['# the twin set, as root of a user namespace', shellLine(twinCommand)]),
      ...(there.root
        ? [`# the root is there: ${root.directory}`]
        : [
            '# the root, as root of a user namespace with',
            ...made.operations.map(operation => `#   ${describeOperation(operation)}`),
            shellLine(rootCommand),
          ]),
      `# the environment ${plan.name}`,
    ],
    twins: {there: there.twins, command: twinCommand},
    root: {there: there.root, command: rootCommand, operations: made.operations},
  }
}
