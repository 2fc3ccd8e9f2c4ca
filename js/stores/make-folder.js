import fs from 'node:fs'
import { dirname } from 'node:path'
import { codeOf } from '../errors.js'

/**
 * Makes a folder and those above it; one that is there will do. Not by the file system's own `recursive`: that of Node never ends where a folder
 * that is there takes no other, as `/proc`.
 * @param {string} path
 * @param {number} [mode]
 * @throws the file system's error
 */
export function makeFolderSync(path, mode) {
  try {
    makeOne(path, mode)
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' || dirname(path) === path) throw error
    makeFolderSync(dirname(path), mode)
    makeOne(path, mode)
  }
}

/** @param {string} path @param {number | undefined} mode */
function makeOne(path, mode) {
  try {
    fs.mkdirSync(path, mode)
  } catch (error) {
    if (!isFolder(path)) throw error
  }
}

/** @param {string} path */
function isFolder(path) {
  try {
    return fs.statSync(path).isDirectory()
  } catch {
    return false
  }
}
