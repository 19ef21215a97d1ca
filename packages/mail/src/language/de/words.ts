import type { Words } from '../words.ts'
import { letter } from './letter.ts'
import { notices } from './notice.ts'
import { templates } from './template.ts'

/** All words in German. */
export const de: Words = { letter, notices, ...templates }
