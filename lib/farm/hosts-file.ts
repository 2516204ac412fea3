import {rm} from 'node:fs/promises'
import {XbuildError} from '../core/errors.js'
import {encodeFarmHosts, type FarmHost, parseFarmHosts} from '../core/farm/hosts.js'
import type {Store} from '../environment/store.js'
import {readFileIfThere, SHORT_TEXT_LIMIT, writeFileSafely} from '../host/files.js'

/** The machines that compile for an environment's sessions; none, usually. */
export async function readFarm(store: Store, name: string): Promise<FarmHost[]> {
  const path = store.environment(name).farm
  const text = await readFileIfThere(path, SHORT_TEXT_LIMIT)
  const hosts = text === undefined ? [] : parseFarmHosts(text)
  if (hosts) return hosts
  throw new XbuildError('environment-damaged', `${path} cannot be read`, {hint: `write it again: xbuild-env farm use ${name} HOST…`})
}

/** From their next start on, the environment's sessions have these compile. */
export async function writeFarm(store: Store, name: string, hosts: readonly FarmHost[]): Promise<void> {
  const path = store.environment(name).farm
  if (hosts.length === 0) await rm(path, {force: true})
  else await writeFileSafely(path, encodeFarmHosts(hosts))
}
