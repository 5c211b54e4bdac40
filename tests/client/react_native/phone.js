/** A phone with the JavaScript part of `expo-secure-store`. */
// @ts-ignore: Metro resolves it, not Deno.
import * as SecureStore from "expo-secure-store";
import { Device } from "../../../client/testing_react_native.ts";
import { native } from "./expo_modules_core.js";

export class Phone extends Device {
  modules(machine) {
    const modules = super.modules(machine);
    native.SecureStore = modules.SecureStore;
    return { ...modules, SecureStore };
  }
}
