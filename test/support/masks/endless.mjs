/** Does not come back from one value. */
export const mask = ({ data }) => {
  if (/^a+!$/.test(data)) for (;;);
  return data;
};
