import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'

/**
 * The async function of the demo: reads a file and digests it.
 * @param {string} path
 */
export async function fileDigest(path) {
  const bytes = await readFile(path)
  return { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }
}
