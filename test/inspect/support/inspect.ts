import { inspectSession } from '../../../src/inspect/inspect-session.ts'
import type { SessionReport } from '../../../src/inspect/report.ts'

/** A string as serialize() writes it; one character stands for one byte. */
export const s = (text: string): string => `s:${text.length}:"${text}";`

/** The bytes that a text of one character per byte stands for. */
export const bytesOf = (text: string): Buffer => Buffer.from(text, 'latin1')

/** Looks into a session that is given as text of one character per byte. */
export const inspectText = (text: string, handler?: string): SessionReport => inspectSession(bytesOf(text), handler)
