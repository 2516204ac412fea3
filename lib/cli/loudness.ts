import type {Command} from 'commander'
import {speak} from './output.js'

/** A group of commands does nothing by itself, but one that takes arguments, as build does. */
const isGroup = (command: Command) => command.commands.length > 0 && command.registeredArguments.length === 0

/** Gives every command the options that say how much it tells, and heeds them. Its own of these names stay as they are. */
export function addLoudness(program: Command): void {
  for (const command of program.commands) {
    addLoudness(command)
    if (!isGroup(command) && !command.name().startsWith('__')) addOptions(command)
  }
}

function addOptions(command: Command): void {
  const has = (long: string) => command.options.some(option => option.long === long)
  if (!has('--quiet')) command.option('-q, --quiet', 'results, warnings and errors alone')
  if (!has('--verbose')) command.option('--verbose', 'also say which programs of this host are run')
  command.hook('preAction', async () => {
    const {quiet, verbose} = command.opts<{quiet?: boolean; verbose?: boolean}>()
    if (verbose) return tellPrograms()
    if (quiet) speak('quiet')
  })
}

/** As lines that can be pasted into a shell. */
async function tellPrograms(): Promise<void> {
  speak('verbose')
  const [{watchPrograms}, {shellLine}, {note}] = await Promise.all([
    import('../host/programs.js'),
    import('../core/shell-words.js'),
    import('./output.js'),
  ])
  watchPrograms(argv => note(`+ ${shellLine(argv)}`))
}
