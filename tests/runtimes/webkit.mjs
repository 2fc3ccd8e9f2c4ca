/** WebKitGTK's MiniBrowser, by a WebDriver client of a few commands. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { descendants, freePort, signalGroup, within } from './process.mjs'

/**
 * @typedef {object} Page
 * @property {(url: string) => Promise<void>} goto
 * @property {() => Promise<void>} reload
 * @property {(module: string, name: string, ...args: any[]) => Promise<any>} ask calls an export of a module of the page's origin
 * @property {() => Promise<Page>} tab opens another one in the same browser
 * @property {() => Promise<void>} close closes this one
 * @property {() => Promise<void>} kill ends the browser's process, or that of the tab that was opened last, by SIGKILL
 * @property {() => Promise<void>} end
 */

const STEP = 60_000

/** A module script does the import: a script of the driver's has no address to import from. */
const ASK = `
  const [module, name, args, done] = arguments
  window.addEventListener('answer', event => done(event.detail), { once: true })
  const script = document.createElement('script')
  script.type = 'module'
  script.textContent = \`
    const answer = detail => window.dispatchEvent(new CustomEvent('answer', { detail }))
    try {
      const exports = await import(\${JSON.stringify(module)})
      answer({ value: await exports[\${JSON.stringify(name)}](...\${JSON.stringify(args)}) })
    } catch (error) {
      answer({ error: String(error) })
    }\`
  document.head.append(script)`

/** @returns {Promise<Page>} */
export async function openWebkit() {
  const home = await mkdtemp(join(tmpdir(), 'mimic-webkit-'))
  const port = await freePort()
  const driver = process.env.WEBKIT_DRIVER ?? '/usr/bin/WebKitWebDriver'
  // The shell says the driver's own process id, so that xvfb-run can be left to end its display.
  const child = spawn(
    process.env.XVFB_RUN ?? '/usr/bin/xvfb-run',
    ['-a', 'sh', '-c', 'echo $$; exec "$0" "$@"', driver, '--host=127.0.0.1', `--port=${port}`],
    {
      detached: true,
      env: { ...process.env, HOME: home, XDG_DATA_HOME: home, XDG_CACHE_HOME: home, XDG_CONFIG_HOME: home },
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  )
  let said = ''
  child.stdout.setEncoding('utf8').on('data', text => (said += text))
  const ended = once(child, 'exit').catch(() => {})

  /** @param {string} method @param {string} path @param {object} [body] @returns {Promise<any>} */
  const send = async (method, path, body) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(STEP),
    })
    const { value } = await response.json()
    if (!response.ok) throw new Error(`${method} ${path}: ${value?.error}: ${value?.message}`)
    return value
  }

  let session = ''
  const end = async () => {
    if (session !== '') await within('closing WebKit', send('DELETE', session), 10_000).catch(() => {})
    const pid = Number.parseInt(said, 10)
    if (pid > 0 && child.exitCode === null) {
      try {
        process.kill(pid, 'SIGTERM')
      } catch {
        // It has ended.
      }
    }
    await within('ending WebKit', ended, 5000).catch(() => {})
    signalGroup(child.pid, 'SIGKILL')
    await rm(home, { recursive: true, force: true, maxRetries: 5 })
  }

  try {
    await ready(send, child)
    const { sessionId } = await send('POST', '/session', { capabilities: { alwaysMatch: {} } })
    session = `/session/${sessionId}`
    await send('POST', `${session}/timeouts`, { script: STEP, pageLoad: STEP })
    /** One command at a time, each in its own window. @type {Promise<any>} */
    let last = Promise.resolve()
    /** @param {string} handle of a window @param {string} method @param {string} path @param {object} [body] @returns {Promise<any>} */
    const inWindow = (handle, method, path, body) => {
      const done = last.then(async () => {
        await send('POST', `${session}/window`, { handle })
        return send(method, session + path, body)
      })
      last = done.catch(() => {})
      return done
    }
    /** @param {string} handle @returns {Page} */
    const pageOf = handle => ({
      goto: url => inWindow(handle, 'POST', '/url', { url }),
      reload: () => inWindow(handle, 'POST', '/refresh', {}),
      async ask(module, name, ...args) {
        const { value, error } = await inWindow(handle, 'POST', '/execute/async', {
          script: ASK,
          args: [module, name, args],
        })
        if (error !== undefined) throw new Error(`${name} in WebKit: ${error}`)
        return value
      },
      tab: async () => pageOf((await inWindow(handle, 'POST', '/window/new', { type: 'tab' })).handle),
      close: () => inWindow(handle, 'DELETE', '/window'),
      async kill() {
        const pids = descendants(child.pid, 'WebKitWebProcess')
        process.kill(Math.max(...pids), 'SIGKILL')
      },
      end,
    })
    return pageOf(await send('GET', `${session}/window`))
  } catch (error) {
    await end()
    throw error
  }
}

/**
 * @param {(method: string, path: string) => Promise<any>} send
 * @param {import('node:child_process').ChildProcess} child
 */
async function ready(send, child) {
  for (let tries = 0; tries < 200; tries++) {
    if (child.exitCode !== null) throw new Error(`xvfb-run ended with ${child.exitCode}`)
    try {
      if ((await send('GET', '/status')).ready) return
    } catch {
      // It does not listen yet.
    }
    await sleep(100)
  }
  throw new Error('WebKitWebDriver does not answer')
}
