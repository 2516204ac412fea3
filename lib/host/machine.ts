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
