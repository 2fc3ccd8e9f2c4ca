// Folders that cannot be made. In a process of its own: where this goes wrong it never ends.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { makeFolderSync } from '../../js/stores/make-folder.js'

const exec = promisify(execFile)
const js = new URL('../../js/', import.meta.url)
const folder = mkdtempSync(join(tmpdir(), 'mimic-folder-'))
after(() => rmSync(folder, { recursive: true }))

describe('makeFolderSync', () => {
  test('makes what is above, too, and takes what is there', () => {
    const path = join(folder, 'a', 'b', 'c')
    makeFolderSync(path, 0o700)
    makeFolderSync(path)
    assert.ok(statSync(path).isDirectory())
    symlinkSync(path, join(folder, 'link'))
    makeFolderSync(join(folder, 'link'))
    makeFolderSync('/')
  })

  test('throws what the file system says', () => {
    const file = join(folder, 'file')
    writeFileSync(file, '')
    assert.throws(() => makeFolderSync(file), { code: 'EEXIST' })
    assert.throws(() => makeFolderSync(join(file, 'below', 'it')), { code: 'ENOTDIR' })
  })

  const onlyLinux = { skip: process.platform !== 'linux' && '/proc is only there on Linux' }
  test('below a folder that takes no other, results come all the same', onlyLinux, async () => {
    const script = `
      import { mime } from '${new URL('entry/inline.js', js)}'
      import { CacheStor, TypeStorage } from '${new URL('entry/cachestor.js', js)}'
      import { diskStore } from '${new URL('entry/disk.js', js)}'
      import { TempFileState } from '${new URL('entry/mimic.js', js)}'
      console.warn = () => {}
      const said = []
      const store = diskStore({ path: '/proc/mimic/deep' })
      store.on('unavailable', ({ code, cause }) => said.push(code, cause.code))
      const f = mime(x => x, { name: 'f', store })
      const stor = new CacheStor({ dbFile: '/proc/mimic/db', typeStorage: TypeStorage.IN_DISK })
      const wrap = { folder: '/proc/mimic/folder' }
      const [sync, async] = [stor.cache(wrap)(x => x), stor.cacheAsync(wrap)(async x => x)]
      said.push(f(1), sync(2), await async(3))
      await store.flush()
      await stor.join()
      try { new TempFileState({ BASE_PATH: '/proc/mimic' }) } catch ({ code }) { said.push(code) }
      console.log(said.join())
    `
    const args = ['--input-type=module', '-e', script]
    const { stdout } = await exec(process.execPath, args, { timeout: 20_000, killSignal: 'SIGKILL' })
    assert.equal(stdout.trim(), 'ERR_STORE_UNAVAILABLE,ENOENT,1,2,3,ERR_INVALID_OPTION')
  })
})
