import type { AddCommand } from './command.ts'
import { set, unset } from './commands/edit.ts'
import { gc } from './commands/gc.ts'
import { rm } from './commands/rm.ts'

/** The commands, in the order of the help. */
export const commands: readonly AddCommand[] = [set, unset, rm, gc]
