// Takes away what an older build has left, so that nothing of it is shipped.
import { rm } from 'node:fs/promises'

await rm(new URL('../dist', import.meta.url), { recursive: true, force: true })
