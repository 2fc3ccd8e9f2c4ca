import { calls } from './checks/calls.js'
import { contract } from './checks/contract.js'
import { faults } from './checks/faults.js'
import { keys } from './checks/keys.js'
import { races } from './checks/races.js'
import { restarts } from './checks/restarts.js'
import { tags } from './checks/tags.js'
import { times } from './checks/times.js'
import { values } from './checks/values.js'

/** All that is checked. @type {readonly import('./case.js').Check[]} */
export const CHECKS = [
  ...contract,
  ...keys,
  ...times,
  ...values,
  ...tags,
  ...restarts,
  ...races,
  ...calls,
  ...faults,
]
