#!/usr/bin/env node
import {existsSync} from 'node:fs'

const main = new URL('../dist/cli/main.js', import.meta.url)
if (existsSync(main)) {
  const {main: start} = await import(main.href)
  await start()
} else {
  process.stderr.write('xbuild-env: not built yet\n  npm ci && npm run build\n')
  process.exitCode = 125
}
