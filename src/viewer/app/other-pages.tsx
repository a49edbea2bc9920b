/** The pages beside list and trace, by the first part of their address: one file, which is loaded when one of them is shown. */

import { ComparePage } from './compare/compare-page.js';
import { SessionPage } from './session/session-page.js';
import { ModelsPage, ToolsPage } from './summary/calls-pages.js';
import { ScoresPage } from './summary/scores-page.js';
import { SessionsPage } from './summary/sessions-page.js';
import { UsersPage } from './summary/users-page.js';

/** `id`: of a session. */
export function OtherPages({ page, id }: { page: string; id: string }) {
  switch (page) {
    case 'session':
      return <SessionPage id={id} />;
    case 'users':
      return <UsersPage />;
    case 'models':
      return <ModelsPage />;
    case 'scores':
      return <ScoresPage />;
    case 'tools':
      return <ToolsPage />;
    case 'compare':
      return <ComparePage />;
    default:
      return <SessionsPage />;
  }
}
