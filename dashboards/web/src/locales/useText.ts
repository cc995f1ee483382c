/** The words of the page in the chosen language. */

import { createContext, useContext } from "react";
import { en } from "./en";

export type Texts = typeof en;

export const TextContext = createContext<Texts>(en);

export const useText = (): Texts => useContext(TextContext);
