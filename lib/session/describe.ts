import {basename} from 'node:path'
import {printable, shortened} from '../core/printable.js'
import type {SessionRecord} from '../core/session/record.js'
import {shellLine} from '../core/shell-words.js'
import type {Store} from '../environment/store.js'
import {processesWith} from '../host/processes.js'
import {knownSessions} from './known.js'

const MOST_SHOWN = 60

/** A command as people read it in a list. */
export const describeCommand = (words: readonly string[]) => shortened(printable(shellLine(words)), MOST_SHOWN)

/** Who holds an environment, in a few words. */
export function describeSession({id, user, since, command, pid}: SessionRecord): string {
  const what = command.length === 0 ? 'held' : describeCommand(command)
  return `${id} (${what}; ${user}, since ${timeOf(since)}, process ${pid})`
}

/** Of today, in the user's time zone. */
export const timeOf = (since: string) => new Date(since).toTimeString().slice(0, 5)

export const holdersOf = (store: Store, name: string): SessionRecord[] =>
  knownSessions(store).filter(({environment}) => environment === name)

/** Those who hold an environment: sessions, or what else xbuild-env does with one. */
export function describeHolders(store: Store, name: string): string | undefined {
  const sessions = holdersOf(store, name)
  if (sessions.length > 0) return sessions.map(describeSession).join(', ')
  const holders = processesWith(store.environment(name).lock).filter(({pid}) => pid !== process.pid)
  const tool = holders.find(({argv}) => isTool(argv))
  if (tool) return `${describeCommand(wordsOf(tool.argv))} (process ${tool.pid})`
  const [ending] = holders
  return ending && `a session that is about to end (process ${ending.pid})`
}

/** Commands that begin a session, or join the one that there is. */
const BEGINNING = ['run', 'shell', 'install', 'session']

/** Whether it is others who are about to begin a session that hold an environment, as far as can be seen. */
export function isBeginning(store: Store, name: string): boolean {
  if (holdersOf(store, name).length > 0) return false
  const others = processesWith(store.environment(name).lock).filter(({pid, argv}) => pid !== process.pid && isTool(argv))
  return others.length > 0 && others.every(({argv}) => BEGINNING.includes(wordsOf(argv)[1] ?? ''))
}

const isTool = (argv: readonly string[]) => argv.some(word => basename(word).startsWith('xbuild-env'))

/** From the tool's own name on: `node --flag /path/xbuild-env.js run …` */
function wordsOf(argv: readonly string[]): string[] {
  const at = argv.findIndex(word => basename(word).startsWith('xbuild-env'))
  return ['xbuild-env', ...argv.slice(at + 1)]
}
