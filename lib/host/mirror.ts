import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {proxyVariables} from './maker.js'
import {plainVariables} from './programs.js'
import {run} from './run.js'

/** It fetches as apt does, by the same proxies. apt(8) has no page of it; `apt-helper --help` */
const APT_HELPER = '/usr/lib/apt/apt-helper'

/** Longer than anybody waits. */
const PROBE_SECONDS = 120

/** Resolves as soon as a server has answered a request, whatever it said, or could not be reached at all. */
export async function probeMirror(address: string, signal: AbortSignal): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'xbuild-env-probe-'))
  try {
    await fetchFile(address, join(directory, 'answer'), PROBE_SECONDS, signal)
  } finally {
    await rm(directory, {recursive: true, force: true})
  }
}

/** Fetches a file; one that takes longer in silence than so many seconds is given up. Returns whether it is there. */
export async function fetchFile(address: string, to: string, seconds: number, signal: AbortSignal): Promise<boolean> {
  const timeouts = ['http', 'https'].map(way => `-oAcquire::${way}::Timeout=${seconds}`)
  const args = [...timeouts, '-oAcquire::Retries=0', '-oAPT::Sandbox::User=root', 'download-file', address, to]
  const {exitCode} = await run(APT_HELPER, args, {variables: {...plainVariables(), ...proxyVariables()}, signal})
  return exitCode === 0
}
