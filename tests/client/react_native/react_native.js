/** What the polyfill of URL uses of `react-native`. */
export const Platform = { OS: "ios" };
export const NativeModules = {};
