/** What is wrong with a data file: the first faults as sentences, the others as a number. */

/** Each sentence is led by its path; `more` says how many are not listed. */
export type CatalogFaults = { readonly listed: readonly string[]; readonly more: number };

export type FaultList = {
  add(path: string, fault: string): void;
  faults(): CatalogFaults;
};

export function createFaultList(most: number): FaultList {
  const listed: string[] = [];
  let more = 0;
  return {
    add: (path, fault) => {
      if (listed.length < most) listed.push(`${path}: ${fault}`);
      else more++;
    },
    faults: () => ({ listed, more }),
  };
}
