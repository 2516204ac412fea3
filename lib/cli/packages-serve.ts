import {join} from 'node:path'
import {findRun} from '../bulk/run-directory.js'
import {XbuildError} from '../core/errors.js'
import {isThere} from '../host/files.js'
import {type Served, serveFiles} from '../host/serve-files.js'
import {openContext} from './context.js'
import {onInterruption} from './interruption.js'
import {print} from './output.js'

/** The page, with the logs that it leads to. */
const PAGE =
  /^(index\.html|(status|packages)\.(js|json)|packages\/[a-z0-9][a-z0-9+.-]*\.html|attempts\/[a-z0-9][a-z0-9+.-]*\/\d+\/(log|hang)\.txt)$/
/** What attempts left, and builds made. */
const RESULT = /^attempts\/[a-z0-9][a-z0-9+.-]*\/\d+\/[A-Za-z0-9][\w+.~:%-]*$/

/** Not the journal, nor who works on the run. */
const servedAs = (path: string): Served => (PAGE.test(path) ? 'page' : RESULT.test(path) ? 'data' : undefined)

export async function packagesServe(run: string | undefined, {port}: {port: string}): Promise<number> {
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535)
    throw new XbuildError('usage', `--port ${port}: not a port`, {hint: 'a number up to 65535'})
  const {store} = await openContext()
  const directory = await findRun(store, run)
  if (!isThere(join(directory.path, 'index.html'))) {
    throw new XbuildError('unknown-run', `the run "${directory.name}" has no page yet`, {
      hint: `go on with it: xbuild-env packages resume ${directory.name}`,
    })
  }
  const {signal, forget} = onInterruption('')
  const server = await serveFiles(directory.path, Number(port), servedAs)
  print(`http://127.0.0.1:${server.port}/`)
  await new Promise<void>(resolve => signal.addEventListener('abort', () => resolve()))
  server.close()
  forget()
  return 0
}
