import {XbuildError} from '../core/errors.js'
import type {HostPath} from '../core/session/plan.js'
import {joinSession} from '../host/session.js'
import {guestCommand} from '../session/command.js'
import type {SessionPlace} from '../session/place.js'
import {scriptOptions} from '../session/script.js'

/** In the session's own network, where nobody else is. */
export const DISTCCD_PORT = 3632

/**
 * Of its children each serves fifty compilations, and others take a second or two to come in their places: there are a few more than
 * compile at once. distcc's src/prefork.c
 */
const SPARE = 2

/** As nobody: it would become a user of its own otherwise. man 1 distccd */
const argumentsFor = (jobs: number) => [
  '/usr/bin/distccd',
  ...['--daemon', '--no-detach', '--listen', '127.0.0.1', '--port', String(DISTCCD_PORT), '--allow', '127.0.0.1'],
  ...['--jobs', String(jobs + SPARE), '--log-stderr', '--log-level=info'],
]

/** What it says when clients can come. */
const LISTENS = /listening on/

export interface Distccd {
  /** When it has ended. */
  ended: Promise<void>
}

const nothing = () => {}

/** Starts distccd in a session, at a port of that. Throws `session-failed`, with what it said, where it ends at once. */
export async function startDistccd(place: SessionPlace, socket: HostPath, jobs: number): Promise<Distccd> {
  const command = guestCommand(
    place,
    scriptOptions({argv: argumentsFor(jobs), user: 'nobody', directory: '/tmp', lasting: 'ephemeral', network: 'own', caller: {}}),
  )
  let last = ''
  let listens = () => {}
  const listening = new Promise<void>(resolve => (listens = resolve))
  const take = (line: string) => {
    last = line
    if (LISTENS.test(line)) listens()
  }
  const ended = joinSession({socket, terminal: false, network: 'session', command}, {output: {lines: take}}).then(() => 'ended' as const)
  const first = await Promise.race([listening, ended])
  if (first === 'ended') {
    throw new XbuildError('session-failed', `distccd ended at once: ${last || 'it said nothing'}`, {
      hint: `install it again: xbuild-env run ${place.record.name} -- apt-get install --reinstall distcc`,
    })
  }
  return {ended: ended.then(nothing, nothing)} // also where its session has ended before it
}
