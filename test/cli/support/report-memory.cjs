/** Loaded into a process by NODE_OPTIONS: at its end MEMORY_FILE has the most memory it ever used, in kB. */
const { writeFileSync } = require('node:fs')

process.on('exit', () => writeFileSync(process.env.MEMORY_FILE, String(process.resourceUsage().maxRSS)))
