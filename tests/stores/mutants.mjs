import { contractMutants } from './mutants/contract.mjs'
import { keyMutants } from './mutants/key.mjs'
import { timeMutants } from './mutants/time.mjs'
import { valueMutants } from './mutants/value.mjs'
import { tagMutants } from './mutants/tag.mjs'
import { restartMutants } from './mutants/restart.mjs'
import { faultMutants } from './mutants/fault.mjs'

/** Stores with one fault each, and the checks that have to refuse them. */
export const mutants = [
  ...contractMutants,
  ...keyMutants,
  ...timeMutants,
  ...valueMutants,
  ...tagMutants,
  ...restartMutants,
  ...faultMutants,
]
