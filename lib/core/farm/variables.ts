/** The directory with links to distcc that have compilers' names. Debian's /usr/sbin/update-distcc-symlinks */
export const MASQUERADE = '/usr/lib/distcc'

/** Where distcc finds a server, and how many jobs that takes at once. */
export interface FarmSlot {
  port: number
  jobs: number
}

/**
 * In the session's own memory: what distcc notes of its hosts goes with the session. It makes no directory here, but two in one that is
 * there, which are their maker's alone; other users have theirs at home, as distcc does by itself.
 */
const STATE = '/dev/shm'

/**
 * What distcc goes by. All hosts are this machine's ports, which lead to the farm's. The servers come first: distcc takes hosts from
 * the left. `processors`: of this machine, which compiles too, preprocesses for all, and links. man 1 distcc, "HOST SPECIFICATIONS".
 */
export function farmVariables(slots: readonly FarmSlot[], processors: number, user: string, path: string): Record<string, string> {
  const jobs = slots.reduce((all, slot) => all + slot.jobs, 0)
  const servers = slots.map(slot => `127.0.0.1:${slot.port}/${slot.jobs},lzo`)
  const limits = [`--localslots=${processors}`, `--localslots_cpp=${processors + jobs}`]
  return {
    PATH: `${MASQUERADE}:${path}`,
    DISTCC_HOSTS: [...limits, ...servers, `localhost/${processors}`].join(' '),
    ...(user === 'root' ? {DISTCC_DIR: STATE} : {}),
  }
}
