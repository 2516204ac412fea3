import {fileURLToPath} from 'node:url'
import {isPackageBuild} from '../core/debian/build-command.js'
import {XbuildError} from '../core/errors.js'
import {parseMode} from '../core/session/mode.js'
import type {SessionRecord} from '../core/session/record.js'
import {lastRawArguments} from '../host/arguments.js'
import {linesOf} from '../host/lines.js'
import {runPipe} from '../host/pipe.js'
import {run} from '../host/run.js'
import {endSession, keepSession} from '../session/held.js'
import {holdPlace} from '../session/held-place.js'
import {openContext} from './context.js'
import {onInterruption} from './interruption.js'
import {enterSession} from './join.js'
import {print} from './output.js'

/**
 * autopkgtest-virt-xbuild: a server of autopkgtest's protocol, by which sbuild, autopkgtest, ratt and debusine build and test in an
 * environment. /usr/share/doc/autopkgtest/README.virtualisation-server.rst.gz
 */
export interface VirtOptions {
  mode?: string
  buildNetwork?: boolean
  data?: string
}

/** The whole of a session is made anew, but for what runs on the host. */
const CAPABILITIES = ['revert', 'revert-full-system', 'root-on-testbed']

/** As this program starts itself for each command in the testbed. */
const PROGRAM = fileURLToPath(new URL('../../bin/autopkgtest-virt-xbuild.js', import.meta.url))

/** A session, while the testbed is open. */
interface Testbed {
  session: SessionRecord
  ended: Promise<void>
  /** Of the environment. */
  release: () => Promise<void>
}

export async function serve(name: string, options: VirtOptions): Promise<number> {
  const server = await VirtServer.make(name, options)
  const {signal, forget} = onInterruption('the testbed is gone')
  try {
    print('ok')
    for await (const line of linesOf(process.stdin, signal)) {
      const words = line.trim().split(/\s+/)
      if (words[0] === '') continue
      if (words[0] === 'quit') return await quit(server)
      print(['ok', ...(await server.answer(words, signal))].join(' '))
    }
    signal.throwIfAborted()
    return 0
  } finally {
    forget()
    await server.close()
  }
}

async function quit(server: VirtServer): Promise<number> {
  await server.close()
  print('ok')
  return 0
}

class VirtServer {
  readonly #context
  readonly #name: string
  readonly #options: VirtOptions
  #testbed: Testbed | undefined
  #scratch: string | undefined

  private constructor(context: Awaited<ReturnType<typeof openContext>>, name: string, options: VirtOptions) {
    this.#context = context
    this.#name = name
    this.#options = options
  }

  /** Throws where there is no such environment. */
  static async make(name: string, options: VirtOptions): Promise<VirtServer> {
    const context = await openContext(options.data === undefined ? {} : {data: options.data})
    const {name: own} = await context.store.read(await context.store.called(name))
    parseMode(options.mode)
    return new VirtServer(context, own, options)
  }

  /** The words that follow `ok`. */
  async answer([verb = '', ...words]: readonly string[], signal: AbortSignal): Promise<string[]> {
    switch (verb) {
      case 'capabilities':
        return CAPABILITIES
      case 'open':
        if (this.#testbed) throw protocolError('"open" when the testbed is open')
        return [await this.#open()]
      case 'revert':
        if (!this.#testbed) throw noTestbed()
        await this.close()
        return [await this.#open()]
      case 'close':
        await this.close()
        this.#scratch = undefined
        return []
      case 'print-execute-command':
        return [this.#prefix().map(encodeURIComponent).join(',')]
      case 'copydown':
        return this.#copy('down', words, signal)
      case 'copyup':
        return this.#copy('up', words, signal)
      default:
        throw protocolError(`"${verb}" is not supported`)
    }
  }

  async close(): Promise<void> {
    const testbed = this.#testbed
    if (!testbed) return
    this.#testbed = undefined
    try {
      await endSession(this.#context.store, testbed.session)
      await testbed.ended
    } finally {
      await testbed.release()
    }
  }

  /** The directory that is the caller's, always of the same name: trees that were built in it may name it. */
  async #open(): Promise<string> {
    const {store, settings} = this.#context
    const {release, ...place} = await holdPlace({store, binfmt: settings.binfmt}, this.#name, 'ephemeral')
    const wishes = {lasting: 'ephemeral', mode: parseMode(this.#options.mode), network: 'host', binds: []} as const
    try {
      this.#testbed = {...(await keepSession(place, wishes)), release}
    } catch (error) {
      await release()
      throw error
    }
    this.#scratch ??= `/tmp/autopkgtest.${this.#testbed.session.id}`
    await this.#inTestbed(['mkdir', '--mode=1777', '--parents', this.#scratch])
    return this.#scratch
  }

  /** What runs a command in the testbed. */
  #prefix(): string[] {
    if (!this.#testbed) throw noTestbed()
    const network = this.#options.buildNetwork ? ['--build-network'] : []
    // Whoever runs it may have other variables, and no home.
    const {data} = this.#context.settings
    return [process.execPath, PROGRAM, ...network, '--data', data, '--execute', this.#testbed.session.id, '--']
  }

  async #inTestbed(command: readonly string[]): Promise<void> {
    const [program = '', ...args] = [...this.#prefix(), ...command]
    const {exitCode, stderr} = await run(program, args, {variables: ownVariables()})
    if (exitCode !== 0) throw protocolError(`${command[0]} ended with ${exitCode}: ${stderr.trim()}`)
  }

  /** Directories end in `/`, files do not. What a testbed has written is unpacked with the caller's own rights alone. */
  async #copy(way: 'up' | 'down', words: readonly string[], signal: AbortSignal): Promise<string[]> {
    if (words.length !== 2) throw protocolError('two paths are copied')
    const [from = '', to = ''] = words.map(decode)
    if (from.endsWith('/') !== to.endsWith('/')) throw protocolError('both are directories, or neither is')
    const isDirectory = from.endsWith('/')
    const read = isDirectory ? readDirectory(from) : readFile(from)
    const failed =
      way === 'down'
        ? await runPipe(read, [...this.#prefix(), ...(isDirectory ? unpackThere(to) : writeThere(to))], signal, ownVariables())
        : await runPipe([...this.#prefix(), ...read], isDirectory ? unpackHere(to) : writeHere(to), signal, ownVariables())
    signal.throwIfAborted()
    if (failed !== undefined) throw protocolError(`${from} cannot be copied to ${to}: ${failed}`)
    return []
  }
}

const readDirectory = (from: string) => ['tar', '--create', '--file', '-', '--directory', from, '.']
const readFile = (from: string) => ['cat', '--', from]

const script = (text: string, ...args: string[]) => ['sh', '-c', text, 'sh', ...args]

const unpackThere = (to: string) =>
  script('mkdir -p -- "$1" && exec tar --extract --no-same-owner --no-same-permissions --file - --directory "$1"', to)
const writeThere = (to: string) => script('cat >"$1"', to)

/**
 * What a testbed says is any archive. It is unpacked where nothing is yet, in which tar follows no link; of what came only files,
 * directories and links are kept, which replace what is there, and are never written through. A device is not made, whoever runs this.
 */
const unpack = (tar: string) => `set -e
mkdir -p -- "$1"
fresh=$(mktemp -d -- "$1/.xbuild-env-XXXXXXXX")
trap 'rm -rf -- "$fresh"' EXIT
trap 'exit 143' TERM
${tar} --extract --no-same-owner --no-same-permissions --file - --directory "$fresh"
find "$fresh" ! -type f ! -type d ! -type l -delete
cp --archive --link --remove-destination --no-target-directory -- "$fresh" "$1"`

/** man 7 capabilities: without CAP_MKNOD root makes none either; nobody else has it, nor may change what he has. */
const tarWithoutDevices = () => (process.geteuid?.() === 0 ? 'setpriv --inh-caps=-mknod --bounding-set=-mknod -- tar' : 'tar')

const unpackHere = (to: string) => script(unpack(tarWithoutDevices()), to)

/** A file gets its name when it is whole; a link in its place is replaced. What is no file, as /dev/stderr, is written to. */
const WRITE = `set -e
if [ -e "$1" ] && [ ! -f "$1" ]; then exec cat >"$1"; fi
fresh=$(mktemp -- "$1.xbuild-env-XXXXXXXX")
trap 'rm -f -- "$fresh"' EXIT
trap 'exit 143' TERM
cat >"$fresh"
chmod "$(printf %o $((0666 & ~$(umask))))" "$fresh"
mv --no-target-directory -- "$fresh" "$1"`

const writeHere = (to: string) => script(WRITE, to)

/** As autopkgtest writes paths. What is not UTF-8 cannot be handed to a program by Node. */
function decode(word: string): string {
  try {
    const path = decodeURIComponent(word)
    if (path !== '' && !path.includes('\0')) return path
  } catch {
    // it is told as what else is no path
  }
  throw protocolError(`"${word}" is not a path in UTF-8 with %XX in it`)
}

const noTestbed = () => protocolError('no testbed is open')

/** What finds the testbed again, and the host's programs. */
const ownVariables = (): Record<string, string> =>
  Object.fromEntries(Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))

const protocolError = (message: string) => new XbuildError('session-failed', message, {hint: 'the testbed is closed', exitCode: 12})

/** What a command in the testbed ends with where it could not be run: all else is its own (README.virtualisation-server). */
export const NOT_RUN = 254

/** `--execute SESSION -- CMD`: one command in the testbed. The caller's directory and variables mean nothing there. */
export async function execute(id: string, commandLength: number, {buildNetwork, data}: VirtOptions): Promise<number> {
  const argv = lastRawArguments(commandLength)
  const isBuild = isPackageBuild(argv.map(String))
  return enterSession(
    await openContext(data === undefined ? {} : {data}),
    id,
    {
      mode: 'hybrid',
      lasting: 'ephemeral',
      binds: [],
      network: isBuild && !buildNetwork ? 'own' : 'host',
      user: 'root',
      directory: '/',
      variables: [],
      caller: {TERM: process.env.TERM, ...proxies()},
      terminal: process.stdin.isTTY === true && process.stdout.isTTY === true,
      argv,
    },
    {},
  )
}

const proxies = () => ({
  http_proxy: process.env.http_proxy,
  https_proxy: process.env.https_proxy,
  no_proxy: process.env.no_proxy,
})
