import {Argument, type Command} from 'commander'
import type {Shell} from './completion.js'
import {exitWith} from './exit.js'
import type {SystemOptions} from './system.js'

/** The shells that lib/cli/completion.ts makes scripts for; not imported, so that other commands do not load it. */
const SHELLS: readonly Shell[] = ['bash', 'zsh', 'fish']

/** Commands about the host and about xbuild-env itself. */
export function addHostCommands(program: Command): void {
  addDoctor(program)
  addProfiles(program)
  addSystem(program)
  addCompletion(program)
}

function addDoctor(program: Command): void {
  program
    .command('doctor')
    .option('--json', 'as JSON')
    .option('--engine <name>', 'slurm: look at the nodes of a cluster instead, by a short job on each')
    .option('--partition <name>', "of the cluster; by default the cluster's own default")
    .option('--shared <dir>', 'the directory that all nodes are to see; by default one where the data lies')
    .option('--node-data <dir>', 'where nodes are to build; by default /var/tmp/xbuild-env-UID')
    .summary('say what this host can and cannot do')
    .description(
      'Looks at this host, tries a session, and says what is missing and how to fix it. Changes nothing. The exit status is 0 where all that is needed is there, else 1.',
    )
    .addHelpText('after', DOCTOR_EXAMPLES)
    .action(
      exitWith(async (options: {json?: boolean; engine?: string; partition?: string; shared?: string; nodeData?: string}) => {
        const {doctor} = await import('./doctor.js')
        return doctor(options)
      }),
    )
}

function addProfiles(program: Command): void {
  program
    .command('profiles')
    .argument('[profile]', 'all about this one')
    .option('--json', 'as JSON')
    .summary('list the targets that there are')
    .description(
      'Lists the known targets: CPU, ABI and suites, and how well the cross compiler of each suite can take the place of its own.',
    )
    .addHelpText('after', PROFILES_EXAMPLES)
    .action(
      exitWith(async (profile: string | undefined, options: {json?: boolean}) => {
        const {profiles} = await import('./profiles.js')
        return profiles(profile, options)
      }),
    )
}

function addSystem(program: Command): void {
  const system = program
    .command('system')
    .summary("the system's binfmt_misc, for kernels before 6.7")
    .description(
      "Linux 6.7 and later give each session a binfmt_misc of its own, and nothing of this is needed. On older kernels, an entry in the system's, made by root, takes its place.",
    )
    .addHelpText('after', SYSTEM_EXAMPLES)
  system
    .command('register')
    .argument('<profile...>', 'whose programs to hand to the activator')
    .option('--persist', 'also after a restart of the host (binfmt.d)')
    .option('--dry-run', 'show what would be done')
    .summary("register profiles in the system's binfmt_misc, as root")
    .description(
      'Registers the activator for the programs of these profiles, until the host restarts, or with --persist for good. Entries of other tools are left alone.',
    )
    .addHelpText('after', '\nExamples:\n  xbuild-env system register mips64el\n  xbuild-env system register --persist mips64el s390x')
    .action(
      exitWith(async (names: string[], options: SystemOptions) => {
        const {systemRegister} = await import('./system.js')
        return systemRegister(names, options)
      }),
    )
  system
    .command('unregister')
    .argument('[profile...]', 'by default all that are registered')
    .option('--dry-run', 'show what would be done')
    .summary('take them out again, as root')
    .description("Takes entries of xbuild-env out of the system's binfmt_misc, and out of binfmt.d.")
    .addHelpText('after', '\nExamples:\n  xbuild-env system unregister mips64el\n  xbuild-env system unregister')
    .action(
      exitWith(async (names: string[], options: SystemOptions) => {
        const {systemUnregister} = await import('./system.js')
        return systemUnregister(names, options)
      }),
    )
  system
    .command('list')
    .option('--json', 'as JSON')
    .summary("show the system's entries for programs of the profiles")
    .description('Shows the entries of xbuild-env, and those of other tools that take programs of a profile.')
    .addHelpText('after', '\nExample:\n  xbuild-env system list')
    .action(
      exitWith(async (options: SystemOptions) => {
        const {systemList} = await import('./system.js')
        return systemList(options)
      }),
    )
}

function addCompletion(program: Command): void {
  program
    .command('completion')
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
    .summary('print a completion script for a shell')
    .description('Prints a script that completes commands, options, environments and profiles.')
    .addHelpText('after', COMPLETION_EXAMPLES)
    .action(
      exitWith(async (shell: Shell) => {
        const {completion} = await import('./completion.js')
        return completion(program, shell)
      }),
    )
  program
    .command('__names', {hidden: true})
    .argument('[kind]')
    .action(
      exitWith(async (kind: string | undefined) => {
        const {printNames} = await import('./completion.js')
        return printNames(kind)
      }),
    )
}

const DOCTOR_EXAMPLES = `
Examples:
  xbuild-env doctor
  xbuild-env doctor --json
  xbuild-env doctor --engine slurm --shared /scratch/ada`

const PROFILES_EXAMPLES = `
Examples:
  xbuild-env profiles
  xbuild-env profiles mips64el
  xbuild-env profiles --json`

const SYSTEM_EXAMPLES = `
Examples:
  xbuild-env system register --dry-run mips64el
  sudo xbuild-env system register --persist mips64el s390x
  xbuild-env system list
  sudo xbuild-env system unregister`

const COMPLETION_EXAMPLES = `
Examples:
  source <(xbuild-env completion bash)
  xbuild-env completion zsh > ~/.zfunc/_xbuild-env
  xbuild-env completion fish > ~/.config/fish/completions/xbuild-env.fish`
