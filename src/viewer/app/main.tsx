/** Starts the page. */
import { render } from 'preact';

const root = document.getElementById('page');
if (root !== null) render(<h1>Traces</h1>, root);
