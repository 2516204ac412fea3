import {closeSync, openSync, readFileSync, readSync} from 'node:fs'

/** Of /proc/cpuinfo, what differs from one processor of a machine to the next, or from one moment to the next. */
const MOMENTARY = /^(processor|core id|physical id|(initial )?apicid|cpu MHz|bogomips|siblings|cpu cores)\s*:/

/** What /proc/cpuinfo says of the first processor, and would say of each of a machine's: man 5 proc_cpuinfo. */
export function firstProcessor(text: string): string {
  const [first = ''] = text.split('\n\n')
  return first
    .split('\n')
    .filter(line => !MOMENTARY.test(line))
    .join('\n')
}

/** The same of what the kernel says. */
export function processorDescription(): string {
  const bytes = Buffer.alloc(8192)
  const file = openSync('/proc/cpuinfo', 'r')
  try {
    return firstProcessor(bytes.toString('latin1', 0, readSync(file, bytes)))
  } finally {
    closeSync(file)
  }
}

/** Which processors take part, as sysconf(_SC_NPROCESSORS_ONLN) counts them: sysfs-devices-system-cpu, "online". */
export const onlineProcessors = (): string => readFileSync('/sys/devices/system/cpu/online', 'latin1').trim()
