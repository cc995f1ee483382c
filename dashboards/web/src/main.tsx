/** The page starts here: styles, the socket, and the router. */

import "./styles/tokens.css";
import "./styles/base.css";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { router } from "./routes";
import { startLive } from "./state/live";
import { queryClient } from "./state/queries";

const root = document.getElementById("root");
if (!root) throw new Error("index.html holds no #root");

startLive();
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
);
