/** The one cursor of the tab: charts, ribbon and logs follow it. */

import { CursorBus } from "../charts/cursorBus";

export const cursor = new CursorBus();
