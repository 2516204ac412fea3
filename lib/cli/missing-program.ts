import {readProfile} from '../config/profiles.js'
import {DISTRIBUTIONS} from '../core/distributions/distributions.js'
import {programFile} from '../core/project/missing.js'
import {quoteWord} from '../core/shell-words.js'
import type {EnvironmentRecord} from '../environment/record.js'
import type {Store} from '../environment/store.js'
import {packagesWith} from '../packages/contents.js'
import {askAdvice, nameSome} from './build-advice.js'
import {canAsk} from './output.js'

/** Looked for by its name, or in a directory of programs. */
const PROGRAM = /^(?:\/(?:usr\/)?s?bin\/)?([^/\s]+)$/

/**
 * What to do where an environment does not have a program. Whoever waits at a terminal has the lists of the suite's files fetched
 * for it; elsewhere those that are there are looked into.
 */
export async function adviseProgram(store: Store, record: EnvironmentRecord, program: string): Promise<string> {
  const {name: environment, suite} = record
  const name = PROGRAM.exec(program)?.[1]
  if (name === undefined) {
    return `is it there, and the interpreter that it names? xbuild-env run ${environment} -- ls -l ${quoteWord(program)}`
  }
  const packages = await askAdvice(signal => packagesWith(store, record, programFile(name), canAsk() ? 'mirror' : 'kept', signal))
  if (packages === undefined) return `install the package that has it: ${await searchPage(record, name)}`
  if (packages.length === 0) return `no package of ${suite} has a program of that name`
  return `install it: xbuild-env install ${environment} ${nameSome(packages.toSorted((a, b) => a.length - b.length))}`
}

async function searchPage({profile, suite}: EnvironmentRecord, name: string): Promise<string> {
  const {distribution} = (await readProfile(profile, suite)).suite
  return DISTRIBUTIONS[distribution].fileSearch(suite, name)
}
