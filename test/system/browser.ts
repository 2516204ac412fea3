import {spawn} from 'node:child_process'
import {existsSync, mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import type {Readable, Writable} from 'node:stream'

/** Debian's package of the same name. */
const CHROMIUM = '/usr/bin/chromium'

/** Why there is nothing to look at pages with; false where there is. */
export const NO_BROWSER = existsSync(CHROMIUM) ? false : 'chromium is not installed: apt-get install chromium'

/** Of an answer, or an event, of the DevTools protocol: https://chromedevtools.github.io/devtools-protocol/ */
interface Message {
  id?: number
  method?: string
  params?: Record<string, unknown>
  result?: Record<string, unknown>
  error?: {message: string}
}

export interface Size {
  width: number
  height: number
}

/** A page of a browser without a window, spoken to by two pipes: messages are JSON, each with a NUL behind it. */
export class BrowserPage {
  readonly #to: Writable
  readonly #waiting = new Map<number, (message: Message) => void>()
  #session: string | undefined
  #number = 0
  #loaded: () => void = () => {}
  /** What went wrong in the pages' own programs since they were opened. */
  errors: string[] = []

  private constructor(to: Writable, from: Readable) {
    this.#to = to
    let rest = ''
    from.setEncoding('utf8').on('data', (chunk: string) => {
      const messages = (rest + chunk).split('\0')
      rest = messages.pop() ?? ''
      for (const text of messages) this.#take(JSON.parse(text) as Message)
    })
  }

  static async attach(to: Writable, from: Readable): Promise<BrowserPage> {
    const page = new BrowserPage(to, from)
    const {targetId} = await page.send('Target.createTarget', {url: 'about:blank'})
    const {sessionId} = await page.send('Target.attachToTarget', {targetId, flatten: true})
    page.#session = String(sessionId)
    for (const domain of ['Page', 'Runtime', 'Log']) await page.send(`${domain}.enable`)
    return page
  }

  #take(message: Message): void {
    if (message.id !== undefined) return this.#waiting.get(message.id)?.(message)
    if (message.method === 'Page.loadEventFired') this.#loaded()
    if (message.method === 'Runtime.exceptionThrown' || message.method === 'Log.entryAdded')
      this.errors.push(JSON.stringify(message.params))
  }

  async send(method: string, params: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
    const id = ++this.#number
    const answer = new Promise<Message>(resolve => this.#waiting.set(id, resolve))
    const sessionId = this.#session
    this.#to.write(`${JSON.stringify({id, method, params, ...(sessionId === undefined ? {} : {sessionId})})}\0`)
    const {result, error} = await answer
    if (error) throw new Error(`${method}: ${error.message}`)
    return result ?? {}
  }

  async open(url: string): Promise<void> {
    const loaded = new Promise<void>(resolve => {
      this.#loaded = resolve
    })
    await this.send('Page.navigate', {url})
    await loaded
  }

  /** What an expression comes to in the page. */
  async evaluate<T>(expression: string): Promise<T> {
    const {result, exceptionDetails} = (await this.send('Runtime.evaluate', {expression, awaitPromise: true, returnByValue: true})) as {
      result: {value: T}
      exceptionDetails?: unknown
    }
    if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails))
    return result.value
  }

  async show({width, height}: Size, scheme: 'light' | 'dark'): Promise<void> {
    await this.send('Emulation.setDeviceMetricsOverride', {width, height, deviceScaleFactor: 1, mobile: width < 500})
    await this.send('Emulation.setEmulatedMedia', {features: [{name: 'prefers-color-scheme', value: scheme}]})
    await this.evaluate('new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))')
  }

  /** The browser ends, and so does the line to it: there may be no answer. */
  async close(): Promise<void> {
    const closed = new Promise(resolve => this.#to.once('close', resolve))
    await Promise.race([this.send('Browser.close'), closed])
  }

  async picture(): Promise<Buffer> {
    const {data} = await this.send('Page.captureScreenshot', {format: 'png'})
    return Buffer.from(String(data), 'base64')
  }
}

function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error // all have ended
  }
}

/** Starts a browser, looks at pages, and ends it. */
export async function withBrowser<T>(look: (page: BrowserPage) => Promise<T>): Promise<T> {
  const home = mkdtempSync(join(tmpdir(), 'xbuild-browser-'))
  // The sandbox refuses root, and containers refuse it. What it is shown is the tests' own.
  const options = [
    '--headless=new',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-dev-shm-usage',
    '--hide-scrollbars',
    '--remote-debugging-pipe',
  ]
  const child = spawn(CHROMIUM, [...options, `--user-data-dir=${home}`], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    env: {PATH: process.env.PATH, HOME: home},
    detached: true, // its processes are a group
  })
  const ended = new Promise<void>(resolve => child.once('exit', () => resolve()))
  try {
    const page = await BrowserPage.attach(child.stdio[3] as Writable, child.stdio[4] as Readable)
    const seen = await look(page)
    await page.close()
    return seen
  } finally {
    // What is left of it would go on writing where it keeps things.
    if (child.pid !== undefined) endGroup(child.pid)
    await ended
    rmSync(home, {recursive: true, force: true, maxRetries: 10})
  }
}
