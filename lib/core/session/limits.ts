/** What a session may take; undefined: as much as its user may. */
export interface Limits {
  /** Bytes, of memory and swap together. */
  memory?: number | undefined
  /** Processes and threads at the same time. */
  pids?: number | undefined
  /** Seconds. */
  timeout?: number | undefined
}

/** One limit as the kernel takes it. https://docs.kernel.org/admin-guide/cgroup-v2.html#controllers */
export interface GroupSetting {
  controller: string
  file: string
  value: string
  /** `if-there`: a kernel can be built without the file. */
  presence: 'required' | 'if-there'
}

const UNITS = {K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40} as const

/** A size in bytes: `512M`, `4G`, in units of 1024 as systemd and podman have them. Undefined where the text is none, or nothing. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d{1,12})([KMGT])$/i.exec(text)
  if (!match) return undefined
  const size = Number(match[1]) * UNITS[match[2]?.toUpperCase() as keyof typeof UNITS]
  return Number.isSafeInteger(size) && size > 0 ? size : undefined
}

/** A number of processes: 1 and more. The kernel's own highest process id is 4194304, PID_MAX_LIMIT. */
export function parsePids(text: string): number | undefined {
  const count = /^\d{1,7}$/.test(text) ? Number(text) : 0
  return count >= 1 && count <= 4_194_304 ? count : undefined
}

/**
 * Of each session itself: the outer process, its guard, PID 1, and the first command's keeper. They come on top of what the user
 * grants to programs; the keeper of a command that joins does not.
 */
export const OWN_PIDS = 4

/**
 * What to write into a control group. Swap would only make a program that wants too much slow: there is none. When memory
 * runs out, the kernel kills the largest program, as on a small machine (memory.oom.group stays 0), so that make can say
 * which command it lost. `sessions`: how many there are at once.
 */
export function groupSettings({memory, pids}: Limits, sessions: number): GroupSetting[] {
  const settings: GroupSetting[] = []
  if (memory !== undefined) {
    settings.push({controller: 'memory', file: 'memory.max', value: String(memory), presence: 'required'})
    settings.push({controller: 'memory', file: 'memory.swap.max', value: '0', presence: 'if-there'})
  }
  if (pids !== undefined)
    settings.push({controller: 'pids', file: 'pids.max', value: String(pids + OWN_PIDS * sessions), presence: 'required'})
  return settings
}

/** A counter of memory.events or pids.events: lines of `NAME NUMBER`. */
export function readEvent(events: string, name: string): number {
  const line = events.split('\n').find(text => text.startsWith(`${name} `))
  return Number(line?.slice(name.length + 1) ?? 0)
}
