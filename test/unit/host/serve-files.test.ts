import {mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
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
  const server = await serveFiles(directory, 0, path => path === 'index.html' || path.startsWith('packages/'))
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
    serveFiles(directory, server.port, () => true),
    /port \d+ of the loopback cannot be had \(EADDRINUSE\)/,
  )
})
