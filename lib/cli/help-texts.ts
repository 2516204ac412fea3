import type {Command} from 'commander'
import {addAllCommands} from './commands.js'
import {newProgram} from './program.js'

/** Columns: what most terminals have at least. */
const WIDTH = 100

/** A command that users are told of, by the words that lead to it. */
export interface NamedCommand {
  words: readonly string[]
  command: Command
}

/** The program, and all its commands in the order in which help lists them. */
export function namedCommands(): NamedCommand[] {
  const program = newProgram()
  addAllCommands(program)
  return below(program, [program.name()])
}

function below(command: Command, words: readonly string[]): NamedCommand[] {
  const children = command.createHelp().visibleCommands(command)
  const own = children.filter(child => child.name() !== 'help') // commander's own
  return [{words, command}, ...own.flatMap(child => below(child, [...words, child.name()]))]
}

/** What `--help` prints. */
export function helpOf(command: Command): string {
  const written: string[] = []
  command.configureOutput({
    writeOut: text => void written.push(text),
    getOutHelpWidth: () => WIDTH,
    getOutHasColors: () => false,
  })
  command.outputHelp()
  return written.join('')
}

/** The help of every command, one after the other. */
export const allHelp = (): string =>
  namedCommands()
    .map(({words, command}) => `=== ${words.join(' ')} --help\n${helpOf(command)}`)
    .join('\n')
