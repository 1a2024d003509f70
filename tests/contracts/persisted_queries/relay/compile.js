// Runs Relay's compiler in a copy of this folder: compile.js <folder> <schema> <algorithm or nothing>
import { execFileSync } from 'node:child_process';
import { cpSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [folder, schema, algorithm] = process.argv.slice(2);
const compiler = createRequire(import.meta.url)('relay-compiler');
cpSync(new URL('./src', import.meta.url), join(folder, 'src'), { recursive: true });
const persistConfig = { file: './persisted.json', ...(algorithm ? { algorithm } : {}) };
const config = { src: './src', schema, language: 'javascript', persistConfig };
writeFileSync(join(folder, 'relay.config.json'), JSON.stringify(config));
execFileSync(compiler, ['./relay.config.json'], { cwd: folder, stdio: ['ignore', 2, 2] });
