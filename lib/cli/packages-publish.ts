import {publish} from '../bulk/repository.js'
import {readState} from '../bulk/run.js'
import {findRun, readPlan} from '../bulk/run-directory.js'
import {ownSigner, userSigner} from '../bulk/signer.js'
import {openContext} from './context.js'
import {printAs} from './json.js'
import {note, print} from './output.js'

export async function packagesPublish(run: string, to: string, {sign, json}: {sign?: string; json?: boolean}): Promise<number> {
  const {store} = await openContext()
  const directory = await findRun(store, run)
  const plan = readPlan(directory)
  const state = readState(directory)
  const signer = sign === undefined ? await ownSigner(store.home) : userSigner(sign)
  const published = await publish(directory, plan, state, to, signer)
  if (json) {
    printAs('packages publish', published)
    return 0
  }
  note(`generation ${published.generation} of ${published.directory}: ${published.added} packages of this run, ${published.all} in all`)
  print(`Types: deb\nURIs: file:${published.directory}\nSuites: ${published.suite}\nComponents: main\nSigned-By: ${published.key}`)
  return 0
}
