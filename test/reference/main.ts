import { join } from 'node:path';
import { writeSection } from '../../bench/src/report/marked-section.ts';
import { ROOT } from '../architecture/source-file.ts';
import { SECTIONS } from './sections.ts';

// `npm run docs`: writes the parts of the reference pages that the program itself knows.
for (const { page, name, content } of SECTIONS) writeSection(join(ROOT, page), name, content());
