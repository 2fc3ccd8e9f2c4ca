import { hash } from '../hash.js'

/** Lines of JSON that say when they are not what was written: an object whose first property is a checksum over the rest. */

const SUM = '{"sum":"'
const SUM_DIGITS = 16
const BODY = SUM.length + SUM_DIGITS + '",'.length

/** @param {string} record an object's JSON, not of an empty one @returns {string} */
export function signed(record) {
  return `${SUM}${hash(record).slice(0, SUM_DIGITS)}",${record.slice(1)}`
}

/** @param {string} line @returns {any} nothing for what was not written so */
export function readSigned(line) {
  const record = `{${line.slice(BODY)}`
  return line.startsWith(SUM) && signed(record) === line ? JSON.parse(record) : undefined
}
