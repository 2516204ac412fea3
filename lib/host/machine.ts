import {closeSync, openSync, readSync} from 'node:fs'
import {availableParallelism, cpus, loadavg, release, totalmem} from 'node:os'
import type {Machine} from '../core/bench.js'
import {readFileIfThere} from './files.js'
import {run} from './run.js'

export async function describeMachine(): Promise<Machine> {
  return {
    cpu: cpus()[0]?.model.trim() || process.arch,
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    kernel: release(),
    distribution: parseOsRelease((await readFileIfThere('/etc/os-release')) ?? '') ?? 'unknown',
    load: loadavg()[0] ?? 0,
  }
}

/** man 5 os-release */
export const parseOsRelease = (text: string) => /^PRETTY_NAME=["']?(.*?)["']?$/m.exec(text)?.[1]

/** The first line of what a program says to --version; undefined where it is not installed. */
export async function programVersion(program: string): Promise<string | undefined> {
  const result = await run(program, ['--version']).catch(() => undefined)
  return result?.exitCode === 0 ? result.stdout.split('\n')[0] : undefined
}

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
