import type {Command} from 'commander'
import type {BenchCommandOptions} from './bench-subject.js'
import {exitWith} from './exit.js'

export function addBench(program: Command): void {
  program
    .command('bench')
    .argument('<env>', 'the environment')
    .argument('[dir]', 'a tree to build, with --build; by default the current directory')
    .option('--build <command>', 'how the tree is built: a shell command')
    .option('--cross-build <command>', 'how it is built outside, with the cross compiler; {triple} is filled in')
    .option('--packages <names>', 'packages of the list that comes with xbuild-env, separated by commas, or all')
    .option('--modes <modes>', 'some of native,hybrid,cross,emulated; by default all')
    .option('--runs <number>', 'how often each mode is measured', '3')
    .option('--emulated-runs <number>', 'the same for emulated; by default once where that takes over a minute')
    .option('--html <file>', 'also write a report with a chart, which needs nothing else')
    .option('--markdown', 'the result as a Markdown table')
    .option('--json', 'the result as JSON, with every run')
    .option('--keep', 'keep what was built')
    .option('--prepare', 'first make a copy of the environment, ENV-bench, with what the packages need, and measure there')
    .summary('measure the same build in each mode')
    .description(
      'Builds the same tree in each mode, one build at a time and each on a fresh copy, and compares time, CPU time and memory. native builds for the host (of an environment of its own architecture: in that), hybrid and emulated in the environment, and cross on the host with its cross compiler.',
    )
    .addHelpText('after', EXAMPLES)
    .action(
      exitWith(async (env: string, directory: string | undefined, options: BenchCommandOptions) => {
        const {bench} = await import('./bench.js')
        return bench(env, directory, options)
      }),
    )
}

const EXAMPLES = `
Examples:
  xbuild-env bench mips64el --build './configure && make -j2' ~/src/hello
  xbuild-env bench mips64el --build make --cross-build 'make CC={triple}-gcc' --modes native,hybrid,cross
  xbuild-env bench mips64el --packages sed,tree --emulated-runs 1
  xbuild-env bench mips64el --packages all --prepare --html bench.html`
