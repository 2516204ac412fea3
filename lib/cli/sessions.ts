import {parseMode} from '../core/session/mode.js'
import type {SessionRecord} from '../core/session/record.js'
import {argumentsOf, initOf, processesOf} from '../host/processes.js'
import {describeCommand} from '../session/describe.js'
import {revertHeld, startHeld, stopHeld} from '../session/held.js'
import {withPlace} from '../session/held-place.js'
import {holdEnvironment} from '../session/hold.js'
import {changingSessions, findSession, knownSessions} from '../session/known.js'
import {openContext} from './context.js'
import {PACKAGE_EVENTS} from './enter-report.js'
import {printAs} from './json.js'
import type {JsonOption} from './manage.js'
import {green, note, print, table} from './output.js'
import {parseBind, projectBinds, type RunOptions} from './run.js'

/** `xbuild-env ps` */
export async function listSessions(options: JsonOption): Promise<number> {
  const {store} = await openContext()
  const rows = knownSessions(store).map(session => ({...described(session), processes: processesIn(session)}))
  if (options.json) printAs('ps', rows)
  else if (rows.length === 0) note('no session runs')
  else
    print(
      table([
        HEAD,
        ...rows.map(row => [row.id, row.environment, row.kind, row.user, row.since, row.processes.length, row.command].map(String)),
      ]),
    )
  return 0
}

const HEAD = ['SESSION', 'ENVIRONMENT', 'KIND', 'USER', 'SINCE', 'PROCESSES', 'COMMAND']

const described = ({id, environment, lasting, company, user, since, pid, command, network, mode}: SessionRecord) => ({
  id,
  environment,
  kind: company === 'held' || company === 'kept' ? `held, ${lasting}` : lasting,
  joinable: company !== 'alone',
  user,
  since,
  pid,
  mode,
  network,
  command: command.length === 0 ? '' : describeCommand(command),
})

/** Without PID 1, and those of its program that wait for the end of a command. */
function processesIn(session: SessionRecord) {
  const init = initOf(session.pid)
  if (init === undefined) return []
  const own = argumentsOf(init).join('\0')
  return processesOf(init)
    .filter(({argv}) => argv.join('\0') !== own)
    .map(({pid, argv}) => ({pid, command: describeCommand(argv)}))
}

/** `xbuild-env session start` */
export async function start(name: string | undefined, options: RunOptions): Promise<number> {
  const {store, settings} = await openContext()
  const lasting = options.ephemeral ? 'ephemeral' : 'lasting'
  const binds = [...projectBinds(options), ...(options.bind ?? []).map(parseBind)]
  const wishes = {lasting, mode: parseMode(options.mode), network: options.network === false ? 'own' : 'host', binds} as const
  const environment = await store.choose(name, settings.environment)
  const session = await withPlace({store, binfmt: settings.binfmt}, environment, lasting, place => startHeld(place, wishes))
  if (options.json) printAs('session start', described(session))
  else print(session.id)
  return 0
}

/** `xbuild-env session stop` */
export async function stop(ids: readonly string[]): Promise<number> {
  const {store, settings} = await openContext()
  for (const session of ids.map(id => findSession(store, id))) {
    const place = {store, record: await store.read(session.environment), binfmt: settings.binfmt}
    await changingSessions(store, () => stopHeld(place, findSession(store, session.id), PACKAGE_EVENTS))
    note(`${green('stopped')} session ${session.id}`)
  }
  return 0
}

/** `xbuild-env session revert` */
export async function revert(id: string): Promise<number> {
  const {store, settings} = await openContext()
  await changingSessions(store, async () => {
    const session = findSession(store, id)
    const place = {store, record: await store.read(session.environment), binfmt: settings.binfmt}
    await revertHeld(place, session, lasting => holdEnvironment(store, session.environment, lasting))
  })
  note(`${green('reverted')} session ${id} to its start`)
  return 0
}
