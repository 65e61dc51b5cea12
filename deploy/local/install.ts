/** `make servers`: silent when every program is there, else it installs them or says what to do. */
import { installPackages, missingPackages } from './debian.ts';

const missing = missingPackages();
if (missing.length > 0) {
  console.log(`Installing ${missing.join(', ')} with apt-get: once, about a minute ...`);
  try {
    await installPackages(missing);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
}
