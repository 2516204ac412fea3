import {Argument, type Command} from 'commander'
import {CI_SYSTEMS, type CiSystem} from '../core/ci/system.js'
import type {BuildOptions} from './build-input.js'
import type {LogOptions} from './build-look.js'
import type {CiOptions} from './ci.js'
import type {ConfigOptions} from './config.js'
import {exitWith} from './exit.js'
import type {InitOptions} from './init.js'

/** Commands that work on a project: a source tree with a configuration. */
export function addProjectCommands(program: Command): void {
  addInit(program)
  addBuild(program)
  addConfig(program)
  addCi(program)
}

function addInit(program: Command): void {
  program
    .command('init')
    .argument('[target...]', 'profiles to build for: see "xbuild-env profiles"')
    .option('--force', 'write over the configuration that is there')
    .option('--stdout', 'print the configuration, and write nothing')
    .option('--each', 'where the tree is many projects: one for each of them')
    .option('--dry-run', 'the same as --stdout')
    .option('--json', 'what was written, and why, as JSON')
    .summary('write a configuration that fits the source tree here')
    .description('Looks at the source tree here, writes an xbuild-env.yaml that builds it, and says what it chose and why.')
    .addHelpText(
      'after',
      '\nExamples:\n  xbuild-env init\n  xbuild-env init arm64 riscv64\n  xbuild-env init --stdout x86_64\n  xbuild-env init --each',
    )
    .action(
      exitWith(async (targets: string[], options: InitOptions) => {
        const {init} = await import('./init.js')
        return init(targets, options)
      }),
    )
}

function addBuild(program: Command): void {
  const build = program
    .command('build')
    .argument('[target...]', 'targets of the configuration; by default all')
    .option('--step <name>', 'this step alone')
    .option('--from <name>', 'this step and all after it')
    .option('--clean', 'forget what earlier builds made')
    .option('--keep-going', 'build the other targets to their end where one fails')
    .option('--jobs <number>', 'processes that may work at once, all targets together; with 1, one target after the other')
    .option('--mode <mode>', 'hybrid, or emulated: all programs run under qemu')
    .option('--memory <size>', 'of memory, what the steps of all targets may take together: 512M, 4G (cgroup v2)')
    .option('--pids <number>', 'how many processes and threads they may have at once (cgroup v2)')
    .option('--retry [times]', 'run each test that failed again, alone, up to so often (1) until it passes')
    .option('--check-native', 'build on this host as well where tests failed, and say which of them fail here too')
    .option('--watch', 'build again whenever a file of the tree changes')
    .option('--shell', 'open a shell where a step of the last build ran: the one that failed, or --step')
    .option('--junit <file>', 'write a report of steps and tests, as CI systems read it')
    .option('--html <file>', 'write the result as a page, in one file')
    .option('--code-quality <file>', 'write what failed, and where, as GitLab shows it beside the sources')
    .option('--cache <directory>', 'take environments from there, and keep there those that are made')
    .option('--dry-run', 'show what would be done')
    .option('--json', 'the result as JSON')
    .summary('build the project here for its targets')
    .description(
      'Builds the project that the current directory belongs to, for all its targets side by side, as its configuration says. Each target has its own view of the tree, which stays untouched; what was built is kept for the next build. The exit status is 1 where a step failed.',
    )
    .addHelpText('after', BUILD_EXAMPLES)
    .action(
      exitWith(async (targets: string[], options: BuildOptions) => {
        const {build} = await import('./build.js')
        return build(targets, options)
      }),
    )
  build
    .command('log')
    .argument('<target>', 'a target of the configuration; "native" for the host')
    .argument('[step]', 'by default the one that failed, or the last')
    .option('--run <number>', 'of a step whose tests were run again: 1 for the first time, 2 …')
    .summary('what a step printed in the last build')
    .description('Prints all that a step of a target printed in the last build that ran it.')
    .addHelpText('after', '\nExamples:\n  xbuild-env build log mips64el\n  xbuild-env build log mips64el test | less')
    .action(
      exitWith(async (target: string, step: string | undefined, options: LogOptions) => {
        const {showLog} = await import('./build-look.js')
        return showLog(target, step, options)
      }),
    )
}

const BUILD_EXAMPLES = `
Examples:
  xbuild-env build
  xbuild-env build arm64 --from build
  xbuild-env build --clean --keep-going
  xbuild-env build s390x --step test --mode emulated
  xbuild-env build --junit out/junit.xml --cache .xbuild-env-cache
  xbuild-env build --retry 2 --check-native
  xbuild-env build --shell s390x`

function addConfig(program: Command): void {
  program
    .command('config')
    .option('--origins', 'say where each value comes from')
    .option('--schema', 'print the JSON schema of a configuration, for editors')
    .option('--json', 'as JSON')
    .summary("every value in force: settings, and the project's configuration")
    .description("Shows every value in force: the user's settings, and the configuration of the project here, where there is one.")
    .addHelpText('after', '\nExamples:\n  xbuild-env config --origins\n  xbuild-env config --schema > schema.json')
    .action(
      exitWith(async (options: ConfigOptions) => {
        const {config} = await import('./config.js')
        return config(options)
      }),
    )
}

function addCi(program: Command): void {
  program
    .command('ci')
    .addArgument(new Argument('<system>', 'the CI system').choices(CI_SYSTEMS))
    .option('--source <url>', 'the git repository that runners get xbuild-env from; by default the origin of the checkout that runs')
    .option('--ref <ref>', 'a commit, tag or branch of it; by default the commit that runs')
    .option('--no-matrix', 'build all targets in one job, side by side, instead of each in its own')
    .option('--json', 'its path and its text as JSON')
    .summary('print a pipeline for a CI system')
    .description(
      'Prints a pipeline that builds the project here, each target in a job of its own, keeps its environments for the next run, and uploads its artifacts and its JUnit report. It can be pasted as it is.',
    )
    .addHelpText('after', CI_EXAMPLES)
    .action(
      exitWith(async (system: CiSystem, options: CiOptions) => {
        const {ci} = await import('./ci.js')
        return ci(system, options)
      }),
    )
}

const CI_EXAMPLES = `
Examples:
  xbuild-env ci github > .github/workflows/xbuild-env.yml
  xbuild-env ci gitlab --source https://example.org/xbuild-env.git --ref v0.1.0`
