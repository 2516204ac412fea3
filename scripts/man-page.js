// Prints xbuild-env(1), made of the help texts: man-page.js YYYY-MM-DD
import {manPage} from '../dist/cli/man-page.js'

process.stdout.write(manPage(process.argv[2] ?? ''))
