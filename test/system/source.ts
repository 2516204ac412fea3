import {mkdirSync, readdirSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {execa} from 'execa'
import {plainVariables, xbuild} from './rig.js'

const FETCH = fileURLToPath(new URL('../../scripts/fetch-source', import.meta.url))

/** Fetches a source package from where an environment's packages came from; returns the unpacked release, as it came. */
export async function releaseOf(environment: string, name: string, work: string): Promise<string> {
  const {rootTree} = JSON.parse((await xbuild(['info', environment, '--json'])).stdout)
  const [source, tree] = [join(work, 'source'), join(work, name)]
  await execa(FETCH, [join(rootTree, 'etc/apt/sources.list'), name, source], {extendEnv: false, env: plainVariables()})
  mkdirSync(tree)
  const archive = readdirSync(source).find(file => file.includes('.orig.tar.') && !file.endsWith('.asc')) as string
  await execa('tar', ['-xf', join(source, archive), '-C', tree, '--strip-components=1'])
  return tree
}
