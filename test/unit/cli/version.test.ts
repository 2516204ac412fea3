import {readFileSync} from 'node:fs'
import {execa} from 'execa'
import t from 'tap'

const project = new URL('../../../', import.meta.url)

t.test('the version that the tool tells is that of its package', async t => {
  const {version} = JSON.parse(readFileSync(new URL('package.json', project), 'utf8'))
  const {stdout} = await execa(process.execPath, [new URL('bin/xbuild-env.js', project).pathname, '--version'])
  t.equal(stdout, version)
})
