import {XbuildError} from '../core/errors.js'

export interface GuestUser {
  name: string
  uid: number
  gid: number
  groups: number[]
  home: string
  shell: string
}

/** uid_t and gid_t; the last means none: man 2 setresuid. */
const MOST = 2 ** 32 - 2

const idOf = (text: string) => (/^\d{1,10}$/.test(text) && Number(text) <= MOST ? Number(text) : undefined)

/** What useradd takes: its man page, CAVEATS. */
const USER = /^[a-z_][a-z0-9_-]{0,31}$/

/**
 * Finds a user in the environment's own files, which may hold anything: a line that says nothing of a user is passed over.
 * `environment`: its name, for who is told that there is no such user. man 5 passwd: name:password:uid:gid:comment:home:shell; man 5 group: name:password:gid:members
 */
export function findUser(wanted: string, passwd: string, group: string, environment = 'ENV'): GuestUser {
  for (const line of passwd.split('\n')) {
    const [name = '', , uid = '', gid = '', , home = '', shell = ''] = line.split(':')
    const [user, own] = [idOf(uid), idOf(gid)]
    if (name === '' || (name !== wanted && uid !== wanted) || user === undefined || own === undefined || line.includes('\0')) continue
    return {name, uid: user, gid: own, groups: groupsOf(name, own, group), home: home || '/', shell: shell || '/bin/sh'}
  }
  throw new XbuildError('unknown-user', `the environment has no user "${wanted}"`, {
    hint: `make one in it: xbuild-env run ${environment} -- useradd --create-home ${USER.test(wanted) ? wanted : 'NAME'}`,
  })
}

function groupsOf(name: string, own: number, group: string): number[] {
  const others = group.split('\n').flatMap(entry => {
    const [, , id = '', members = ''] = entry.split(':')
    return members.split(',').includes(name) ? (idOf(id) ?? []) : []
  })
  return [...new Set([own, ...others])]
}

/** Where programs are looked for: a fixed list, since a user's own may lead to wrappers such as ccache. */
export const PROGRAM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** Of the caller's variables, what a guest gets to see; all else is made anew, so that builds are alike everywhere. */
const PASSED_ON = ['COLORTERM', 'NO_COLOR', 'SOURCE_DATE_EPOCH', 'TERM', 'http_proxy', 'https_proxy', 'ftp_proxy', 'no_proxy']

/**
 * The guest's variables: a list, not the caller's. Undefined `environment`: the guest runs on the host. `given` is what the
 * user asked for, as bytes, and comes last.
 */
export function guestVariables(
  environment: {name: string} | undefined,
  user: GuestUser,
  caller: Readonly<Record<string, string | undefined>>,
  given: readonly Buffer[],
): Buffer[] {
  const variables: Record<string, string> = {
    PATH: PROGRAM_PATH,
    HOME: user.home,
    USER: user.name,
    LOGNAME: user.name,
    SHELL: user.shell,
    LANG: 'C.UTF-8',
    ...(environment ? {XBUILD_ENV: environment.name} : {}),
  }
  for (const variable of PASSED_ON) {
    const value = caller[variable]
    if (value !== undefined) variables[variable] = value
  }
  const isGiven = (variable: string) => given.some(bytes => bytes.toString('latin1').startsWith(`${variable}=`))
  return [
    ...Object.entries(variables).flatMap(([variable, value]) => (isGiven(variable) ? [] : [Buffer.from(`${variable}=${value}`)])),
    ...given,
  ]
}
