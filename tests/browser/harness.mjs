/** A static server and a real Chromium, for every browser test. */

import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'

const root = fileURLToPath(new URL('../..', import.meta.url))
const TYPES = {
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.html': 'text/html',
  '.wasm': 'application/wasm',
}
const BLANK = '<!doctype html><meta charset="utf-8"><title>test</title>'

/** Chromium's flags: no network of its own, no first-run pages. */
const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
]

/**
 * Serves the repository, an empty page at `/blank`, and at `/clear` what makes the browser clear all that the origin has stored.
 * @param {Record<string, string>} [headers] of every answer
 * @returns {Promise<{ origin: string, scripts: Map<string, string>, close(): Promise<void> }>}
 */
export async function serve(headers = {}) {
  /** @type {Map<string, string>} */
  const scripts = new Map()
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
    if (scripts.has(pathname)) {
      response.writeHead(200, { 'content-type': 'text/javascript' }).end(scripts.get(pathname))
      return
    }
    if (pathname === '/blank') {
      response.writeHead(200, { 'content-type': 'text/html' }).end(BLANK)
      return
    }
    if (pathname === '/clear') {
      response.writeHead(200, { 'clear-site-data': '"storage"' }).end()
      return
    }
    try {
      const bytes = await readFile(join(root, normalize(pathname)))
      response
        .writeHead(200, { 'content-type': TYPES[extname(pathname)] ?? 'application/octet-stream' })
        .end(bytes)
    } catch {
      response.writeHead(404).end()
    }
  })
  await new Promise(resolve => server.listen(0, '127.0.0.1', () => resolve(undefined)))
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  return {
    origin: `http://127.0.0.1:${port}`,
    /** What is served under more paths. */
    scripts,
    close: () => {
      server.closeAllConnections()
      return new Promise(resolve => server.close(() => resolve()))
    },
  }
}

/**
 * A browser with a profile folder of its own, fresh unless one is given.
 * @param {string} [profile]
 * @param {import('playwright-core').LaunchOptions} [options]
 */
export async function browse(profile, options = {}) {
  profile ??= await mkdtemp(join(tmpdir(), 'mimic-chromium-'))
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    headless: true,
    args: ARGS,
    ...options,
  })
  return {
    profile,
    context,
    /** Closes the browser and keeps the profile. */
    close: () => context.close(),
    /** Closes the browser and removes the profile. */
    async end() {
      await context.close()
      await rm(profile, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}
