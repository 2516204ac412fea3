import type {Command} from 'commander'
import {addActivatorCommands} from './activator-commands.js'
import {addArchiveCommands} from './archive-commands.js'
import {addCreateSteps} from './create-steps.js'
import {addPackageCommands} from './deb-commands.js'
import {addDebugCommand} from './debug-command.js'
import {addEnvironmentCommands} from './environment-commands.js'
import {addFarmCommands} from './farm-commands.js'
import {addHostCommands} from './host-commands.js'
import {addLoudness} from './loudness.js'
import {addMeasureCommands} from './measure-commands.js'
import {addBulkCommands} from './packages-commands.js'
import {addProjectCommands} from './project-commands.js'
import {addRunCommands} from './run-commands.js'
import {addSessionCommands} from './session-commands.js'

export {withTodaysVerbs} from './activator-commands.js'

/** In the order in which help lists them. */
export function addAllCommands(program: Command): void {
  addEnvironmentCommands(program)
  addArchiveCommands(program)
  addRunCommands(program)
  addDebugCommand(program)
  addSessionCommands(program)
  addProjectCommands(program)
  addPackageCommands(program)
  addBulkCommands(program)
  addFarmCommands(program)
  addMeasureCommands(program)
  addActivatorCommands(program)
  addHostCommands(program)
  addCreateSteps(program)
  addLoudness(program)
}
