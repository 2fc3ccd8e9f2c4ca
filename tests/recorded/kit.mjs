import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'

/** What the tests of recordings share. */

export const ENTRY = new URL('../../js/entry/testing.js', import.meta.url)

export const folder = mkdtempSync(join(tmpdir(), 'mimic-recorded-'))
after(() => rmSync(folder, { recursive: true, force: true }))

let files = 0
export const newFile = () => join(folder, `deeper/${files++}.json`)
export const entriesOf = file => JSON.parse(readFileSync(file, 'utf8')).calls

/** @param {() => unknown} run @returns {any} what it throws */
export function catchError(run) {
  try {
    run()
  } catch (error) {
    return error
  }
  return undefined
}
