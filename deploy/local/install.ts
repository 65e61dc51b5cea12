/** `make servers` and `make tools`: silent when every program is there, else installs what is missing. */
import { installPackages, missingPackages, PACKAGES } from './debian.ts';

const wanted = process.argv[2] === 'tools' ? PACKAGES.tools : PACKAGES.servers;
const missing = missingPackages(wanted);
if (missing.length > 0) {
  console.log(`Installing ${missing.join(', ')} with apt-get: once, about a minute ...`);
  try {
    await installPackages(missing);
    const left = missingPackages(wanted);
    if (left.length > 0) throw new Error(`apt-get did not bring what ${left.join(', ')} should.`);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
}
