/** The native module behind `expo-secure-store`, set by the app that runs. */
export const native = { SecureStore: undefined };

/** The constants and methods of the native module that are called. */
export const requireNativeModule = () => ({
  AFTER_FIRST_UNLOCK_THIS_DEVICE_ONLY: 4,
  getValueWithKeyAsync: (key, options) =>
    native.SecureStore.getItemAsync(key, options),
  setValueWithKeyAsync: (value, key, options) =>
    native.SecureStore.setItemAsync(key, value, options),
  deleteValueWithKeyAsync: (key, options) =>
    native.SecureStore.deleteItemAsync(key, options),
});
