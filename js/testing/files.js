import { MimicError } from '../errors.js'

/**
 * The file system, asked for when it is used: a browser can import the test kit.
 * @returns {{ fs: typeof import('node:fs'), path: typeof import('node:path'), url: typeof import('node:url') }}
 */
function system() {
  const load = /** @type {any} */ (globalThis).process?.getBuiltinModule
  if (typeof load !== 'function') {
    throw new MimicError(
      'ERR_NO_FILES',
      'recorded(fn, { file }) needs a file system: Node from 20.16 or 22.3 on, Deno or Bun; a browser has none',
    )
  }
  return { fs: load('node:fs'), path: load('node:path'), url: load('node:url') }
}

/** @param {string | URL} file @returns {string} its absolute path */
export function resolveFile(file) {
  const { path, url } = system()
  const text = typeof file === 'string' ? file : file.href
  return path.resolve(text.startsWith('file:') ? url.fileURLToPath(text) : text)
}

/** @param {string} path @returns {string | undefined} nothing when there is no such file */
export function readText(path) {
  try {
    return system().fs.readFileSync(path, 'utf8')
  } catch (cause) {
    if (/** @type {any} */ (cause)?.code === 'ENOENT') return undefined
    throw failed('read', path, cause)
  }
}

let written = 0

/** Whoever reads the file meanwhile, or after a crash, sees the old text or the new one. @param {string} path @param {string} text */
export function writeText(path, text) {
  const { fs, path: paths } = system()
  const temporary = `${path}.${process.pid}.${++written}.tmp`
  try {
    fs.mkdirSync(paths.dirname(path), { recursive: true })
    fs.writeFileSync(temporary, text)
    fs.renameSync(temporary, path)
  } catch (cause) {
    fs.rmSync(temporary, { force: true })
    throw failed('written', path, cause)
  }
}

/** @param {string} verb @param {string} path @param {unknown} cause */
function failed(verb, path, cause) {
  return new MimicError('ERR_RECORDING_FILE', `the recording ${path} could not be ${verb}: ${cause}`, {
    cause,
  })
}
