import type {Command} from 'commander'
import type {CreateOptions} from './create.js'
import type {PruneOptions} from './disk.js'
import {exitWith} from './exit.js'
import type {JsonOption} from './manage.js'
import type {UpdateOptions} from './update.js'
import type {UserlandOptions} from './userland.js'

const list = (value: string) => value.split(',').filter(Boolean)

/** In the order in which help lists them. */
export function addEnvironmentCommands(program: Command): void {
  addCreate(program)
  addUserland(program)
  addInstall(program)
  addUpdate(program)
  addList(program)
  addInfo(program)
  addClone(program)
  addRemove(program)
  addDiskUsage(program)
  addPrune(program)
}

function addCreate(program: Command): void {
  program
    .command('create')
    .argument('<profile>', 'the target: see "xbuild-env profiles"')
    .option('--name <name>', "name of the environment; by default the profile's")
    .option('--suite <suite>', "the distribution's release; by default the profile's")
    .option('--mirror <url>', 'where packages come from')
    .option('--include <packages>', 'more packages for the root, separated by commas', list)
    .option('--repository <directory>', 'what "packages publish" put there comes before the archive, now and later')
    .option('--userland', 'for a CPU without an archive: also build its programs, see "xbuild-env userland"')
    .option('--mode <mode>', 'emulated: make the root under plain emulation, to compare; it comes out the same')
    .option('--dry-run', 'show what would be done')
    .option('--json', 'the result as JSON')
    .option('--verbose', 'show all that mmdebstrap says')
    .summary('make an environment')
    .description('Makes an environment of a foreign CPU: its root, and the host-native twins of its programs.')
    .addHelpText('after', CREATE_EXAMPLES)
    .action(
      exitWith(async (profile: string, options: CreateOptions) => {
        const {create} = await import('./create.js')
        return create(profile, options)
      }),
    )
}

function addUserland(program: Command): void {
  program
    .command('userland')
    .argument('[env]', 'the environment; may be left out where there is one')
    .option('--dry-run', 'show what would be built')
    .option('--json', 'the result as JSON')
    .option('--verbose', 'show all that the builds print')
    .summary("build an environment's programs, where no archive has them")
    .description(
      'Where a suite has only a cross compiler for a CPU, the programs of an environment are stubs, which run native or not at all. This builds the real ones inside the environment, from the source packages of its suite. The result is kept: the next environment of the same root gets it at once. After an interruption or a failure, the next run goes on where this one ended.',
    )
    .addHelpText('after', '\nExamples:\n  xbuild-env userland mips64\n  xbuild-env create mips64 --userland')
    .action(
      exitWith(async (name: string | undefined, options: UserlandOptions) => {
        const {userland} = await import('./userland.js')
        return userland(name, options)
      }),
    )
}

function addInstall(program: Command): void {
  program
    .command('install')
    .argument('<env>', 'the environment')
    .argument('[packages...]', 'names as apt-get install takes them')
    .option('--repository <directory>', 'take from there, too, what "packages publish" put there; it comes before the archive')
    .option('--json', 'the result as JSON; what apt-get says goes to standard error')
    .summary('install packages into an environment')
    .description("Installs packages with the environment's own package manager, and fetches their twins.")
    .addHelpText(
      'after',
      '\nExamples:\n  xbuild-env install mips64el zlib1g-dev pkgconf\n  xbuild-env install mips64el cmake=3.25.1-1\n  xbuild-env install mips64el snarf --repository repo',
    )
    .action(
      exitWith(async (name: string, packages: string[], {repository, json}: {repository?: string; json?: boolean}) => {
        const {install} = await import('./install.js')
        return install(name, packages, json ? 'json' : 'stdout', repository)
      }),
    )
}

function addUpdate(program: Command): void {
  program
    .command('update')
    .argument('[env]', 'the environment; may be left out where there is one')
    .option('--dry-run', 'list what would be updated')
    .option('--json', 'the result as JSON')
    .summary("bring an environment's packages to what the archive has now")
    .description(
      "Upgrades an environment's packages with its own package manager, as apt-get upgrade does. The twins of the newer packages are fetched first, so that these run native from their first moment. Twins that another version of xbuild-env has made are made anew.",
    )
    .addHelpText('after', '\nExamples:\n  xbuild-env update mips64el\n  xbuild-env update --dry-run mips64el')
    .action(
      exitWith(async (name: string | undefined, options: UpdateOptions) => {
        const {update} = await import('./update.js')
        return update(name, options)
      }),
    )
}

function addList(program: Command): void {
  program
    .command('list')
    .alias('ls')
    .option('--json', 'as JSON')
    .summary('list the environments')
    .description(
      'Lists the environments: what sessions changed in each, what it shares with others (its root and twin set), and the projects whose builds use it.',
    )
    .addHelpText('after', '\nExamples:\n  xbuild-env list\n  xbuild-env list --json')
    .action(
      exitWith(async (options: JsonOption) => {
        const {list: listEnvironments} = await import('./list.js')
        return listEnvironments(options)
      }),
    )
}

function addInfo(program: Command): void {
  program
    .command('info')
    .argument('[env]', 'the environment; may be left out where there is one')
    .option('--routes', 'list every program that has a twin')
    .option('--json', 'as JSON')
    .summary('what an environment is made of, what runs native in it and what does not')
    .description('Tells what an environment is made of, which of its programs run native, which do not, and why.')
    .addHelpText('after', '\nExamples:\n  xbuild-env info mips64el\n  xbuild-env info mips64el --json')
    .action(
      exitWith(async (name: string | undefined, options: JsonOption & {routes?: boolean}) => {
        const {info} = await import('./info.js')
        return info(name, options)
      }),
    )
}

function addClone(program: Command): void {
  program
    .command('clone')
    .argument('<env>', 'the environment')
    .argument('<new>', "the copy's name")
    .option('--json', 'as JSON')
    .summary('copy an environment')
    .description(
      'Makes a copy of an environment, at once: the two share all that is in them. While ephemeral sessions run in it, what others changed is copied.',
    )
    .addHelpText('after', '\nExample:\n  xbuild-env clone mips64el mips64el-with-zlib')
    .action(
      exitWith(async (name: string, copy: string, options: JsonOption) => {
        const {clone} = await import('./manage.js')
        return clone(name, copy, options)
      }),
    )
}

function addRemove(program: Command): void {
  program
    .command('remove')
    .alias('rm')
    .argument('[env...]', 'the environments')
    .option('--unused', 'also remove the roots and twin sets that no environment uses, and what builds of projects that are gone left')
    .option('--json', 'as JSON')
    .summary('remove environments')
    .description('Removes environments. What other environments may use stays, unless --unused is given.')
    .addHelpText('after', '\nExamples:\n  xbuild-env remove mips64el\n  xbuild-env remove --unused mips64el s390x')
    .action(
      exitWith(async (names: string[], options: JsonOption & {unused?: boolean}) => {
        const {remove} = await import('./manage.js')
        return remove(names, options)
      }),
    )
}

function addDiskUsage(program: Command): void {
  program
    .command('du')
    .option('--json', 'as JSON')
    .summary('what is kept, how much of the disk it takes, and who uses it')
    .description(
      'Lists roots, twin sets, environments and what builds of projects changed: how much of the disk each takes, and who uses it.',
    )
    .addHelpText('after', '\nExamples:\n  xbuild-env du\n  xbuild-env du --json')
    .action(
      exitWith(async (options: JsonOption) => {
        const {du} = await import('./disk.js')
        return du(options)
      }),
    )
}

function addPrune(program: Command): void {
  program
    .command('prune')
    .option('--unused-for <days>', 'of environments that builds made: how long none may have used them', '30d')
    .option('--dry-run', 'show what would be removed, and why')
    .option('--json', 'as JSON')
    .summary('remove what nobody needs any more')
    .description(
      'Removes roots and twin sets that no environment uses, environments that builds made for projects that are gone or have not used them for long, and what such builds left. Environments that you created stay.',
    )
    .addHelpText('after', '\nExamples:\n  xbuild-env prune --dry-run\n  xbuild-env prune --unused-for 7d')
    .action(
      exitWith(async (options: PruneOptions) => {
        const {pruneCommand} = await import('./disk.js')
        return pruneCommand(options)
      }),
    )
}

const CREATE_EXAMPLES = `
Examples:
  xbuild-env create mips64el
  xbuild-env create linux/arm64
  xbuild-env create arm64 --suite bookworm --name old-arm
  xbuild-env create s390x --include zlib1g-dev,pkgconf
  xbuild-env create mips64el --name own --repository repo
  xbuild-env create mips64 --userland`
