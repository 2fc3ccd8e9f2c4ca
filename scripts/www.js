// `npm run www [--port N]`: serves the page in www/, and of the rest only what it loads, js/ and pkg/.
import { createReadStream, existsSync } from 'node:fs'
import { realpath, stat } from 'node:fs/promises'
import { createServer } from 'node:http'
import { extname, join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const root = fileURLToPath(new URL('..', import.meta.url))
const FOLDERS = ['www', 'js', 'pkg']
const DEFAULT_PORT = 8080
const TYPES = /** @type {Record<string, string>} */ ({
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
  '.json': 'application/json',
})
const HEADERS = {
  'cache-control': 'no-cache',
  'x-content-type-options': 'nosniff',
  // Cross-origin isolation gives the page a clock fine enough to show how short a hit is.
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-resource-policy': 'same-origin',
}

/** @param {string} url @returns {Promise<string | undefined>} the file to send; nothing outside the three folders */
async function fileOf(url) {
  let path
  try {
    path = decodeURIComponent(new URL(url, 'http://localhost').pathname)
  } catch {
    return undefined
  }
  if (path.endsWith('/')) path += 'index.html'
  const [, folder, ...rest] = path.split('/')
  if (!FOLDERS.includes(folder) || rest.some(part => part.startsWith('.')) || /[\\\0]/.test(path))
    return undefined
  try {
    const base = (await realpath(join(root, folder))) + sep
    const file = await realpath(join(base, ...rest))
    return file.startsWith(base) && (await stat(file)).isFile() ? file : undefined
  } catch {
    return undefined
  }
}

/** @param {import('node:http').IncomingMessage} request @param {import('node:http').ServerResponse} response */
async function answer({ method, url = '/' }, response) {
  if (method !== 'GET' && method !== 'HEAD') {
    response.writeHead(405, { ...HEADERS, allow: 'GET, HEAD' }).end()
    return
  }
  if (url === '/' || url === '/www') {
    response.writeHead(302, { ...HEADERS, location: '/www/' }).end()
    return
  }
  const file = await fileOf(url)
  if (file === undefined) {
    response.writeHead(404, { ...HEADERS, 'content-type': 'text/plain; charset=utf-8' }).end('not found\n')
    return
  }
  response.writeHead(200, { ...HEADERS, 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' })
  if (method === 'HEAD') response.end()
  else
    createReadStream(file)
      .on('error', () => response.destroy())
      .pipe(response)
}

/**
 * @param {number} [port] 0 or a taken one: any that is free
 * @returns {Promise<import('node:http').Server>} listening, on this machine only
 */
export function serveWww(port = 0) {
  return new Promise((resolve, reject) => {
    const server = createServer((request, response) => void answer(request, response))
    server.once('error', error => {
      const taken = ['EADDRINUSE', 'EACCES'].includes(/** @type {any} */ (error).code)
      if (taken && port !== 0) resolve(serveWww(0))
      else reject(error)
    })
    server.listen(port, '127.0.0.1', () => resolve(server))
  })
}

/** @param {string} message @param {number} code @returns {never} */
function fail(message, code) {
  console.error(`www: ${message}`)
  process.exit(code)
}

async function main() {
  let values
  try {
    values = parseArgs({
      options: { port: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    }).values
  } catch (error) {
    fail(/** @type {Error} */ (error).message.split(/[.\n]/)[0], 2)
  }
  if (values.help) {
    console.log(
      `npm run www -- [--port N]\n\nServes the page (default port: ${DEFAULT_PORT}, or a free one).`,
    )
    return
  }
  const wanted = values.port === undefined ? DEFAULT_PORT : Number(values.port)
  if (values.port === '' || !Number.isInteger(wanted) || wanted < 0 || wanted > 65_535) {
    fail(`--port must be a whole number from 0 to 65535; got ${JSON.stringify(values.port)}`, 2)
  }
  if (!existsSync(join(root, 'pkg/inline.js'))) fail('pkg/ is not built yet; run `npm run build`', 1)
  const server = await serveWww(wanted)
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  if (wanted !== 0 && port !== wanted) console.log(`port ${wanted} cannot be had, using ${port}`)
  console.log(`my-mimic at http://127.0.0.1:${port}/www/ (Ctrl+C ends it)`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main()
