import type {Command} from 'commander'
import {addLoudness} from './loudness.js'
import {endWithTerminal, heedReaders} from './output.js'
import {newProgram, runProgram} from './program.js'
import {addRunCommands} from './run-commands.js'

export async function main(): Promise<void> {
  heedReaders()
  endWithTerminal()
  const program = newProgram()
  const argv = await addCommands(program)
  await runProgram(program, argv)
}

/**
 * Adds the commands, and returns the command line for them. A session is what is started most often, and by scripts: it does not
 * wait for what the other commands can.
 */
async function addCommands(program: Command): Promise<string[]> {
  const [, , verb] = process.argv
  if (verb === 'run' || verb === 'exec' || verb === 'shell') {
    addRunCommands(program)
    addLoudness(program)
    return process.argv
  }
  const {addAllCommands, withTodaysVerbs} = await import('./commands.js')
  addAllCommands(program)
  return withTodaysVerbs(process.argv)
}
