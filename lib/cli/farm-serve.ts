import {availableParallelism} from 'node:os'
import {XbuildError} from '../core/errors.js'
import {FARM_PORT, type FarmHost, formatFarmHost, parseFarmHost} from '../core/farm/hosts.js'
import {requireTwins} from '../environment/record.js'
import {DISTCC, hasDistcc} from '../farm/distcc.js'
import {type ServerEvents, type ServeWishes, serveFarm} from '../farm/server.js'
import {addressList, LOOPBACK} from '../host/address-list.js'
import {holdPlace} from '../session/held-place.js'
import {parseJobs} from './build-input.js'
import {placeOf, provideDistcc, refuseBoth} from './farm-use.js'
import {onInterruption} from './interruption.js'
import {printAs} from './json.js'
import {note, print, warn} from './output.js'

export interface ServeOptions {
  listen?: string
  allow?: string[]
  jobs?: string
  json?: boolean
  dryRun?: boolean
}

/** `xbuild-env farm serve` */
export async function farmServe(name: string, options: ServeOptions): Promise<number> {
  refuseBoth(options)
  const wishes = wishesOf(options)
  const networks = options.allow ?? LOOPBACK
  const place = await placeOf(name)
  const {store, record} = place
  if (options.dryRun) {
    if (!hasDistcc(store, record)) print(`install ${DISTCC} in environment "${record.name}", and fetch its twin`)
    print(`compile for ${networks.join(', ')}, ${wishes.jobs} at once, by ${describePlace(wishes.address, wishes.port)}`)
    return 0
  }
  await provideDistcc(place)
  const {signal, forget} = onInterruption('')
  const {release, ...held} = await holdPlace(place, record.name, 'ephemeral')
  try {
    const server = await serveFarm({...held, record: requireTwins(held.record)}, wishes, events())
    const {key, address, port} = server
    if (options.json) printAs('farm serve', {environment: record.name, key, address, port, jobs: wishes.jobs, allow: [...networks]})
    else note(`compiling for ${networks.join(', ')}, ${wishes.jobs} at once, by ${describePlace(address, port)}; Ctrl-C ends it`)
    const interrupted = new Promise<'interrupted'>(resolve => signal.addEventListener('abort', () => resolve('interrupted')))
    const end = signal.aborted ? 'interrupted' : await Promise.race([interrupted, server.ended])
    await server.close()
    if (end === 'interrupted') return 0
    throw new XbuildError('session-failed', 'the session that compiles was ended', {
      hint: 'somebody has stopped it, or killed its PID 1: serve again',
    })
  } finally {
    forget()
    await release()
  }
}

const describePlace = (address: string | undefined, port: number) =>
  address === undefined ? `port ${port} of all addresses` : formatFarmHost({host: address, port})

/** Who is let in by an address has to be able to reach it: where networks are named, all addresses are listened at. */
function wishesOf({listen, allow, jobs}: ServeOptions): ServeWishes {
  const place = listen === undefined ? {host: allow ? undefined : '127.0.0.1', port: FARM_PORT} : readListen(listen)
  if (listen !== undefined && allow === undefined && !addressList(LOOPBACK)(place.host ?? '')) {
    throw new XbuildError('usage', `--listen ${listen}: who may connect there?`, {
      hint: 'whoever may can run programs in the session: --allow 192.168.7.0/24',
    })
  }
  return {
    address: place.host,
    port: place.port,
    allowed: addressList(allow ?? LOOPBACK),
    jobs: jobs === undefined ? availableParallelism() : parseJobs(jobs),
  }
}

function readListen(text: string): FarmHost {
  const place = parseFarmHost(text)
  if (place) return place
  throw new XbuildError('usage', `--listen ${text}: not an address`, {hint: 'ADDRESS or ADDRESS:PORT, for example: --listen 10.0.0.2:3632'})
}

/** Each client that is turned away is told once, for each reason. */
function events(): ServerEvents {
  const told = new Set<string>()
  const once = (text: string) => {
    if (!told.has(text)) warn(`xbuild-env: farm: ${text}`)
    if (told.size < MOST_TOLD) told.add(text)
  }
  return {
    onTurnedAway: ({address, why}) => once(`${address} was turned away: ${REASONS[why]}`),
    onFailed: why => once(`a compilation could not begin: ${why instanceof Error ? why.message : why}`),
  }
}

/** Whoever comes by many addresses takes no memory. */
const MOST_TOLD = 1000

const REASONS = {
  'not-allowed': '--allow does not name it',
  'other-key': 'its compilers are others',
  'no-greeting': 'it is not a client of a farm, or is one of another version',
} as const
