import {XbuildError} from '../errors.js'

/** distcc's own, in whose place a farm's server is: https://www.iana.org/assignments/service-names-port-numbers */
export const FARM_PORT = 3632

/** A machine that compiles for others, as they reach it. */
export interface FarmHost {
  host: string
  port: number
}

/** HOST, HOST:PORT, [ADDRESS], [ADDRESS]:PORT, or an address of IPv6 alone. */
const FORMS = [
  /^(?<host>[A-Za-z0-9][A-Za-z0-9._-]{0,252})(:(?<port>\d{1,5}))?$/,
  /^\[(?<host>[0-9A-Fa-f:.]{2,45}(%[\w.-]{1,15})?)\](:(?<port>\d{1,5}))?$/,
  /^(?<host>[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:.]{1,40}(%[\w.-]{1,15})?)$/,
]

/** undefined for what is none. Without a port, a farm's own. */
export function parseFarmHost(text: string): FarmHost | undefined {
  const {host, port} = FORMS.map(form => form.exec(text)?.groups).find(Boolean) ?? {}
  const number = port === undefined ? FARM_PORT : Number(port)
  return host === undefined || number < 1 || number > 65_535 ? undefined : {host, port: number}
}

/** As the command line has it. Throws `usage`. */
export function readFarmHost(text: string): FarmHost {
  const host = parseFarmHost(text)
  if (host) return host
  throw new XbuildError('usage', `"${text}" is not a machine's name or address`, {
    hint: 'HOST, HOST:PORT or [ADDRESS]:PORT, for example: xbuild-env farm use ENV build2 10.0.0.3:4000',
  })
}

/** As it is read. */
export const formatFarmHost = ({host, port}: FarmHost): string => {
  const name = host.includes(':') ? `[${host}]` : host
  return port === FARM_PORT ? name : `${name}:${port}`
}

/** More than anybody has; each is asked at the beginning of a session. */
const MOST_HOSTS = 256

/** The hosts of a list as it was written down; undefined where it is none. */
export function parseFarmHosts(text: string): FarmHost[] | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  const {hosts} = Object(value) as {hosts?: unknown}
  if (!Array.isArray(hosts) || hosts.length > MOST_HOSTS) return undefined
  const parsed = hosts.flatMap(host => (typeof host === 'string' ? (parseFarmHost(host) ?? []) : []))
  return parsed.length === hosts.length ? parsed : undefined
}

export const encodeFarmHosts = (hosts: readonly FarmHost[]): string => `${JSON.stringify({hosts: hosts.map(formatFarmHost)}, null, 2)}\n`
