import {findTarget, readTargets} from '../config/profiles.js'
import {XbuildError} from '../core/errors.js'
import {shellLine} from '../core/shell-words.js'
import {create} from './create.js'
import {ask, canAsk, note} from './output.js'

export interface MakeWishes {
  yes?: boolean
  dryRun?: boolean
}

/**
 * A command is to run in an environment that there is none of, and a profile has the name: makes it, where whoever is there agrees.
 * Returns its name. `missing`: what is thrown where no profile has the name.
 */
export async function makeAsked(missing: XbuildError, name: string, {yes = false, dryRun = false}: MakeWishes): Promise<string> {
  const target = findTarget(name, await readTargets())
  if (!target || dryRun) throw missing
  if (!yes && !canAsk())
    throw withHint(missing, [`make it: xbuild-env create ${target.name}`, `or let this command: ${withYes()}`].join(', '))
  if (!yes && !(await ask(`there is no environment of ${target.name} (${target.label}) yet. Make it? It takes a minute or two`))) {
    throw withHint(missing, `make it when you like: xbuild-env create ${target.name}`)
  }
  try {
    await create(target.name, {})
  } catch (error) {
    if (!(error instanceof XbuildError) || error.reason !== 'name-taken') throw error
    note(`another command has made ${target.name} meanwhile`)
  }
  return target.name
}

const withHint = ({reason, message}: XbuildError, hint: string) => new XbuildError(reason, message, {hint})

/** The command line as it was, which would make the environment. */
function withYes(): string {
  const [verb = 'run', ...rest] = process.argv.slice(2)
  return shellLine(['xbuild-env', verb, '--yes', ...rest])
}
