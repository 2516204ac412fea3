import type {Command} from 'commander'
import {exitWith} from './exit.js'
import type {TraceOptions} from './trace.js'

export function addTraceCommand(program: Command): void {
  program
    .command('trace')
    .argument('<file>', 'what "xbuild-env run --trace FILE" recorded')
    .option('--json', 'the ledger as JSON')
    .option('--html <out>', 'write a page with the ledger and a timeline, to be read in a browser')
    .summary('what of a build ran native, what emulated, and what to route next')
    .description(
      "Reports on a trace: how much of a build ran native, which programs were emulated and why, and which of them would be worth a route. A program's time is that in which none of the programs that it started ran.",
    )
    .addHelpText('after', EXAMPLES)
    .action(
      exitWith(async (file: string, options: TraceOptions) => {
        const {trace} = await import('./trace.js')
        return trace(file, options)
      }),
    )
}

const EXAMPLES = `
Examples:
  xbuild-env run --trace build.trace mips64el -- make -j8
  xbuild-env trace build.trace
  xbuild-env trace build.trace --html build.html`
