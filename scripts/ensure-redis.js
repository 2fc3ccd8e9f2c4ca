// Where the redis server of the store's tests is.
import { ensureTool } from './ensure-tool.js'

export const ensureRedis = () =>
  ensureTool({
    name: 'A redis server',
    variable: 'REDIS_SERVER',
    candidates: ['redis-server', 'valkey-server'],
    packages: ['redis-server'],
  })
