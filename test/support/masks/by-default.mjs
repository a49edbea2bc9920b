/** A mask module with a default export. */
export default () => 'masked by default';
