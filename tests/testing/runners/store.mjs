import { memoryStore } from '../../../js/entry/inline.js'
import { storeChecks, testStore } from '../../../js/entry/testing-store.js'

/** The suite of stores under this runner; without a `test` of its own it finds the runner's. */

const memory = { name: 'memoryStore', open: () => memoryStore(), sync: true, tags: true }

/** @param {((name: string, run: () => Promise<void>) => unknown) | undefined} [test] */
export const storeTests = test => testStore({ ...memory, test })
export const count = () => storeChecks(memory).length
