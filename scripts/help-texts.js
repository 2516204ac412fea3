// Prints the help of every command, as test/golden/help.txt has it: npm run golden writes it anew.
import {allHelp} from '../dist/cli/help-texts.js'

process.stdout.write(allHelp())
