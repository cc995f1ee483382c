/** Which address shows which page. Pages are loaded when they are first opened. */

import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from "@tanstack/react-router";
import { BASE } from "./api/client";
import { parseSearch, printSearch, type Search } from "./data/url";
import { Broken, Missing } from "./pages/shell/Fallback";
import { Shell } from "./pages/shell/Shell";

const root = createRootRoute({
  component: Shell,
  notFoundComponent: Missing,
  errorComponent: Broken,
  // Each page checks its own parameters; unknown ones travel along, so that old links open.
  validateSearch: (search): Search => search as Search,
});

const dashboard = createRoute({
  getParentRoute: () => root,
  path: "/",
  component: lazyRouteComponent(() => import("./pages/dashboard/Dashboard"), "Dashboard"),
});
const runs = createRoute({
  getParentRoute: () => root,
  path: "/p/$project",
  component: lazyRouteComponent(() => import("./pages/runs/Runs"), "Runs"),
});
const compare = createRoute({
  getParentRoute: () => root,
  path: "/p/$project/compare",
  component: lazyRouteComponent(() => import("./pages/compare/Compare"), "Compare"),
});
const llm = createRoute({
  getParentRoute: () => root,
  path: "/p/$project/llm",
  component: lazyRouteComponent(() => import("./pages/llm/ProjectLlm"), "ProjectLlm"),
});
const checkpoints = createRoute({
  getParentRoute: () => root,
  path: "/p/$project/checkpoints",
  component: lazyRouteComponent(
    () => import("./pages/checkpoints/ProjectCheckpoints"),
    "ProjectCheckpoints",
  ),
});
const artifacts = createRoute({
  getParentRoute: () => root,
  path: "/p/$project/artifacts",
  component: lazyRouteComponent(() => import("./pages/artifacts/Artifacts"), "Artifacts"),
});
const sweeps = createRoute({
  getParentRoute: () => root,
  path: "/p/$project/sweeps",
  component: lazyRouteComponent(() => import("./pages/sweeps/Sweeps"), "Sweeps"),
});
const run = createRoute({
  getParentRoute: () => root,
  path: "/p/$project/r/$run/$tab",
  component: lazyRouteComponent(() => import("./pages/run/RunPage"), "RunPage"),
});
const runHome = createRoute({
  getParentRoute: () => root,
  path: "/p/$project/r/$run",
  beforeLoad: ({ params }) => {
    throw redirect({
      to: "/p/$project/r/$run/$tab",
      params: { ...params, tab: "overview" },
      replace: true,
    });
  },
});
const system = createRoute({
  getParentRoute: () => root,
  path: "/system",
  component: lazyRouteComponent(() => import("./pages/system/System"), "System"),
});
const settings = createRoute({
  getParentRoute: () => root,
  path: "/settings",
  component: lazyRouteComponent(() => import("./pages/settings/Settings"), "Settings"),
});

export const router = createRouter({
  routeTree: root.addChildren([
    dashboard,
    runs,
    compare,
    llm,
    checkpoints,
    artifacts,
    sweeps,
    run,
    runHome,
    system,
    settings,
  ]),
  basepath: BASE,
  parseSearch,
  stringifySearch: printSearch,
  defaultPreload: "intent",
  defaultPendingMs: 200,
  scrollRestoration: false,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
