import {Command, CommanderError} from 'commander'
import {EXIT} from '../core/errors.js'

/** As package.json has it; a test compares them. */
export const VERSION = '0.2.0'

const EXAMPLES = `
Examples:
  xbuild-env create mips64el
  xbuild-env shell mips64el
  xbuild-env run mips64el -- make check
  xbuild-env install mips64el zlib1g-dev
  xbuild-env doctor`

/** The program without its commands. */
export function newProgram(): Command {
  const program = new Command('xbuild-env')
  program.exitOverride()
  program.description('Builds and tests software for another CPU at nearly native speed.')
  program.version(VERSION)
  program.addHelpText('after', EXAMPLES)
  program.enablePositionalOptions()
  return program
}

/** Runs a command line; what commander refuses, it has told. The program overrides commander's own exit. */
export async function runProgram(program: Command, argv: readonly string[]): Promise<void> {
  tellMistakes(program, program.name())
  try {
    await program.parseAsync(argv)
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    process.exitCode = error.exitCode === 0 ? 0 : EXIT.usage
  }
}

/** `words`: how the command is called. */
function tellMistakes(command: Command, words: string): void {
  command.configureOutput({outputError: (text, write) => write(mistakeIn(text, words, command))})
  for (const each of command.commands) tellMistakes(each, `${words} ${each.name()}`)
}

/** A mistake in the command line, as commander tells it, in the form of all errors: what, and on the next line what to do. */
function mistakeIn(told: string, words: string, command: Command): string {
  const [said = '', near] = told
    .trimEnd()
    .replace(/^error: /, '')
    .split('\n')
  const [what, choices = longerThan(said, command)] = inOurWords(said)
  if (choices !== undefined) return `xbuild-env: ${what}\n  ${choices}\n`
  const hint = isWithoutSeparator(what)
    ? 'put the command after --: xbuild-env run ENV -- CMD ARG…'
    : near === undefined
      ? `see what there is: ${words} --help`
      : near.replace(/^\(D(.*)\)$/, 'd$1')
  return `xbuild-env: ${what}\n  ${hint}\n`
}

/** The options that one is short for, where it is for several. */
function longerThan(said: string, {options}: Command): string | undefined {
  const short = /^unknown option '(--\w[\w-]*)'/.exec(said)?.[1]
  const longer = options.flatMap(({long}) => (short !== undefined && long?.startsWith(short) ? long : []))
  return longer.length > 1 ? `it may be ${longer.join(', ')}` : undefined
}

/** What may be one of some words, and is none of them: of commander's `Argument.choices` and `Option.choices`. */
const NO_CHOICE =
  /^(?:option '.*?(--[\w-]+).*' argument|command-argument value) '(.*)' is invalid(?: for argument '(.*)')?\. Allowed choices are (.*)\.$/

function inOurWords(said: string): [what: string, choices?: string] {
  const [, option, value, argument, choices] = NO_CHOICE.exec(said) ?? []
  if (choices === undefined) return [said]
  return [
    option === undefined ? `there is no ${argument} "${value}"` : `${option} ${value}: there is no such value`,
    `it may be ${choices}`,
  ]
}

/** Of `run ENV make -j2`, whose options are taken for those of run. */
const isWithoutSeparator = (what: string) =>
  what.startsWith('unknown option') && ['run', 'exec', 'debug'].includes(process.argv[2] ?? '') && !process.argv.includes('--')
