import {closeSync, openSync, readSync} from 'node:fs'

/** Of /proc/cpuinfo, what differs from one processor of a machine to the next, or from one moment to the next. */
const MOMENTARY = /^(processor|core id|physical id|(initial )?apicid|cpu MHz|bogomips|siblings|cpu cores)\s*:/

/** What the kernel says of the first processor, and would say of each of a machine's: man 5 proc_cpuinfo. */
export function processorDescription(): string {
  const bytes = Buffer.alloc(8192)
  const file = openSync('/proc/cpuinfo', 'r')
  try {
    const text = bytes.toString('latin1', 0, readSync(file, bytes))
    const [first = ''] = text.split('\n\n')
    return first
      .split('\n')
      .filter(line => !MOMENTARY.test(line))
      .join('\n')
  } finally {
    closeSync(file)
  }
}
