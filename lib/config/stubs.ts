import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {z} from 'zod'
import {XbuildError} from '../core/errors.js'
import {joinLists, type StubLists} from '../core/stubs/kind.js'
import {configHome} from '../host/directories.js'
import {isThere} from '../host/files.js'
import {packageName, readData} from './profiles.js'

const listsSchema = z.strictObject({
  tools: z.array(packageName).default([]),
  libraries: z.array(packageName).default([]),
  refused: z.array(z.strictObject({packages: z.array(packageName), why: z.string()})).default([]),
})

const FILE = 'stubs.json'

/** Which packages are tools where neither `Multi-Arch` nor their files say so. Roots, which many share, go by these alone. */
export const readGivenStubLists = (): Promise<StubLists> => readData(listsSchema, FILE)

/** The same with what a user's own file of that name says, which comes first. */
export async function readStubLists(): Promise<StubLists> {
  const given = await readGivenStubLists()
  const path = join(configHome(), FILE)
  return isThere(path) ? joinLists(await readOwn(path), given) : given
}

async function readOwn(path: string): Promise<StubLists> {
  const wrong = (why: string) => new XbuildError('bad-settings', `${path}: ${why}`, {hint: 'profiles/stubs.json shows what belongs in it'})
  let value: unknown
  try {
    value = JSON.parse(await readFile(path, 'utf8'))
  } catch (error) {
    throw wrong(error instanceof Error ? error.message : String(error))
  }
  const result = listsSchema.safeParse(value)
  if (result.success) return result.data
  throw wrong(z.prettifyError(result.error))
}
