import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import t from 'tap'
import {ALONE, importing, nodeArguments, outputOf} from '../other-process.js'

/** What comes of a watch of a tmpfs of a size, of which nothing is heard for 100 ms, or something all the time. */
async function watched(size: string, says: 'nothing' | 'something'): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'xbuild-space-'))
  t.teardown(() => rmSync(directory, {recursive: true}))
  const script = `${importing('watchSpace', 'host/space-watch')}
    const watch = watchSpace(${JSON.stringify(directory)}, 100, 20)
    const talk = setInterval(() => { if (${says === 'something'}) watch.heard() }, 10)
    await new Promise(resolve => setTimeout(resolve, 400))
    watch.stop()
    clearInterval(talk)
    console.log(watch.signal.aborted ? watch.signal.reason.message : 'goes on')`
  const mount = `mount -t tmpfs -o size=${size} tmpfs ${directory} && exec "$@"`
  return (await outputOf([...ALONE, 'sh', '-c', mount, 'sh', ...nodeArguments(script)])).trim()
}

t.test('where the disk is full and nothing is heard any more, the work is ended', async t => {
  t.match(await watched('1m', 'nothing'), /^no space left on the disk of /)
  t.equal(await watched('1m', 'something'), 'goes on')
  t.equal(await watched('64m', 'nothing'), 'goes on')
})
