import {mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {request} from 'node:http'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import t from 'tap'
import {serveFiles} from '../../../lib/host/serve-files.js'

const get = (port: number, path: string, host = `127.0.0.1:${port}`) =>
  new Promise<{status: number; type: string; text: string}>((resolve, reject) => {
    const asked = request({port, host: '127.0.0.1', path, headers: {host}}, response => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', part => {
        text += part
      })
      response.on('end', () => resolve({status: response.statusCode ?? 0, type: response.headers['content-type'] ?? '', text}))
    })
    asked.on('error', reject)
    asked.end()
  })

t.test('only what is public is served, to this machine’s own browsers, and no link is followed', async t => {
  const directory = mkdtempSync(join(tmpdir(), 'xbuild-test-'))
  mkdirSync(join(directory, 'packages'))
  writeFileSync(join(directory, 'index.html'), 'page')
  writeFileSync(join(directory, 'journal'), 'secret')
  writeFileSync(join(directory, 'packages/built.svg'), '<svg/>')
  symlinkSync('/etc/passwd', join(directory, 'packages/link.txt'))
  const server = await serveFiles(directory, 0, path =>
    path === 'index.html' ? 'page' : path.startsWith('packages/') ? 'page' : path.startsWith('built/') ? 'data' : undefined,
  )
  t.teardown(() => {
    server.close()
    rmSync(directory, {recursive: true})
  })
  t.match(await get(server.port, '/'), {status: 200, type: 'text/html; charset=utf-8', text: 'page'})
  t.match(await get(server.port, '/packages/built.svg'), {status: 200, type: 'application/octet-stream'})
  for (const path of ['/journal', '/packages/link.txt', '/packages/../journal', '/packages/%2e%2e/journal', '/packages/none', '/%zz']) {
    t.equal((await get(server.port, path)).status, 404, path)
  }
  t.equal((await get(server.port, '/', 'evil.example')).status, 403)
  await t.rejects(
    serveFiles(directory, server.port, () => 'page'),
    /port \d+ of the loopback interface is not available \(EADDRINUSE\)/,
  )
})

const openFiles = () => readdirSync('/proc/self/fd').length

t.test('what a build made is saved, whatever it is called, and none of it runs as a page', async t => {
  const directory = mkdtempSync(join(tmpdir(), 'xbuild-test-'))
  const names = ['a_1_all.html', 'a_1_all.js', 'a_1_all.txt', 'a_1_all.deb']
  for (const name of names) writeFileSync(join(directory, name), '<script>alert(1)</script>')
  const server = await serveFiles(directory, 0, () => 'data')
  t.teardown(() => {
    server.close()
    rmSync(directory, {recursive: true})
  })
  for (const name of names) t.match(await get(server.port, `/${name}`), {status: 200, type: 'application/octet-stream'}, name)
})

t.test('whoever goes away in the middle of a file leaves no descriptor open, and others are answered', async t => {
  const directory = mkdtempSync(join(tmpdir(), 'xbuild-test-'))
  writeFileSync(join(directory, 'large.deb'), Buffer.alloc(2 ** 26))
  writeFileSync(join(directory, 'index.html'), 'page')
  const server = await serveFiles(directory, 0, path => (path === 'index.html' ? 'page' : 'data'))
  t.teardown(() => {
    server.close()
    rmSync(directory, {recursive: true})
  })
  const before = openFiles()
  for (let i = 0; i < 20; i++) {
    await new Promise<void>(resolve => {
      const headers = {host: '127.0.0.1'}
      const asked = request({port: server.port, host: '127.0.0.1', path: '/large.deb', headers, agent: false}, response => {
        response.once('data', () => {
          asked.destroy()
          resolve()
        })
        response.on('error', () => {})
      })
      asked.on('error', () => {})
      asked.end()
    })
  }
  for (let left = 50; left > 0 && openFiles() > before + 5; left--) await new Promise(resolve => setTimeout(resolve, 20))
  t.ok(openFiles() <= before + 5, `${openFiles()} of ${before} before`)
  t.match(await get(server.port, '/'), {status: 200})
})
