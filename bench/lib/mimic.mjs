import * as mimic from '../../js/entry/inline.js'

export const { createMime, mime } = mimic
/** The public structural hash, where this version has it. @type {((...values: unknown[]) => string) | undefined} */
export const hash = Reflect.get(mimic, 'hash')
