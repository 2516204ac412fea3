import {type Command, Option} from 'commander'
import type {AddOptions} from '../core/binfmt/entry-binmiscctl.js'
import {FORMATS, inTodaysSpelling} from '../core/binfmt/entry-words.js'
import type {ActivatorOptions} from './activator.js'
import {exitWith} from './exit.js'

/** The command line with the verbs of the talk of 2013 in today's spelling: `activator --add NAME …`. */
export function withTodaysVerbs(argv: readonly string[]): string[] {
  const at = argv.indexOf('activator') + 1
  return at === 3 ? [...argv.slice(0, at), ...inTodaysSpelling(argv.slice(at))] : [...argv]
}

/** What every verb takes. */
const addCommon = (command: Command) =>
  command
    .option('--env <env>', 'the environment whose entries are meant; may be left out where there is one')
    .option('--system', "the system's binfmt_misc instead, as root; on FreeBSD its binmiscctl")
    .option('--json', 'as JSON')

const addChangeOptions = (command: Command) =>
  addCommon(command)
    .option('--persist', 'with --system: keep what is added when the host restarts, by binfmt.d')
    .option('--dry-run', 'show what would be done')
    .addOption(new Option('--format <format>', 'show it as other tools are told it, and do nothing').choices(FORMATS))

export function addActivatorCommands(program: Command): void {
  const activator = program
    .command('activator')
    .summary('hand files to any interpreter, by their first bytes')
    .description(
      'Entries of the activator: files that begin with certain bytes are handed to an interpreter, with arguments, as with binmiscctl of FreeBSD. They hold in every session of an environment, also in those that run. The newest that fits counts.',
    )
    .addHelpText('after', EXAMPLES)
  addAdd(activator)
  for (const verb of ['enable', 'disable', 'remove'] as const) addNamed(activator, verb)
  addLooks(activator)
  addImport(activator)
}

function addAdd(activator: Command): void {
  addChangeOptions(
    activator
      .command('add')
      .argument('<name>', 'what the entry is called, less than 32 bytes')
      .option('-i, --interpreter <command>', 'absolute path and arguments; #a stands for the old argv[0], ## for #')
      .option('-m, --magic <bytes>', 'what such files have: characters, \\xHH, and \\\\ for a backslash')
      .option('-s, --size <bytes>', 'how many bytes the magic has')
      .option('--profile <profile>', "magic, mask and emulator of a profile's programs, instead of the three above")
      .option('-M, --mask <bytes>', 'the bits of the magic that count; by default all')
      .option('-o, --offset <bytes>', 'where in the file the magic is', '0')
      .option('-e, --set-enabled', 'enable it at once')
      .option('-p, --pre-open', 'open the interpreter once for all, so that it is there in chroots')
      .option('--concat-old-arg0', "append the old argv[0] to the interpreter's last argument, as #a does")
      .summary('make an entry')
      .description('Makes an entry. Without --set-enabled it is disabled.'),
  )
    .addHelpText('after', ADD_EXAMPLES)
    .action(
      exitWith(async (name: string, options: AddOptions & ActivatorOptions & {profile?: string}) => {
        const {addEntry} = await import('./activator.js')
        return addEntry(name, options)
      }),
    )
}

const DESCRIPTIONS = {
  enable: 'Enables an entry.',
  disable: "Disables an entry. Disabled, the environment's own lets no program of the target run.",
  remove: 'Takes an entry out.',
} as const

function addNamed(activator: Command, act: 'enable' | 'disable' | 'remove'): void {
  addChangeOptions(activator.command(act).argument('<name>', 'the entry').description(DESCRIPTIONS[act]))
    .addHelpText('after', `\nExample:\n  xbuild-env activator ${act} wasm`)
    .action(
      exitWith(async (name: string, options: ActivatorOptions) => {
        const {changeActivator} = await import('./activator.js')
        return changeActivator([{act, name}], options)
      }),
    )
}

function addLooks(activator: Command): void {
  const format = () => new Option('--format <format>', 'as other tools are told it').choices(FORMATS)
  addCommon(activator.command('lookup').argument('<name>', 'the entry').addOption(format()))
    .description('Shows an entry, as binmiscctl does.')
    .addHelpText('after', '\nExample:\n  xbuild-env activator lookup wasm')
    .action(
      exitWith(async (name: string, options: ActivatorOptions) => {
        const {lookUpEntry} = await import('./activator.js')
        return lookUpEntry(name, options)
      }),
    )
  addCommon(activator.command('list').addOption(format()))
    .description(
      "Shows all entries, the newest first, as binmiscctl does; the last is that of the environment's own programs. With --format the oldest comes first: in that order they are made anew.",
    )
    .addHelpText('after', '\nExamples:\n  xbuild-env activator list --env mips64el\n  xbuild-env activator list --format binfmt.d')
    .action(
      exitWith(async (options: ActivatorOptions) => {
        const {listEntries} = await import('./activator.js')
        return listEntries(options)
      }),
    )
}

function addImport(activator: Command): void {
  addChangeOptions(
    activator
      .command('import')
      .argument('<file...>', 'lines of binfmt.d(5), a file of update-binfmts(8), or binmiscctl commands')
      .summary('make entries from files of other tools')
      .description('Makes the entries that files of other tools ask for: all, or none where one cannot be made.'),
  )
    .addHelpText('after', '\nExample:\n  xbuild-env activator import /usr/share/binfmts/jar')
    .action(
      exitWith(async (files: string[], options: ActivatorOptions) => {
        const {importEntries} = await import('./activator.js')
        return importEntries(files, options)
      }),
    )
}

const EXAMPLES = `
Examples:
  xbuild-env activator add llvm_bc --interpreter '/usr/bin/lli --fake-argv0=#a' --magic 'BC\\xc0\\xde' --size 4 --set-enabled
  xbuild-env activator list
  xbuild-env activator disable llvm_bc`

const ADD_EXAMPLES = `
Examples:
  xbuild-env activator add jar --interpreter '/usr/bin/java -jar' --magic 'PK\\x03\\x04' --size 4 --set-enabled
  sudo xbuild-env activator add --system --persist llvm_bc -i '/usr/bin/lli --fake-argv0=#a' -m 'BC\\xc0\\xde' -s 4 -e
  xbuild-env activator add --format binmiscctl mips64el --profile mips64el --set-enabled`
