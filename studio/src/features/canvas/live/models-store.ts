/** The models that Pixel offers, as they were read last. */

import { createStore, type StoreApi } from "zustand/vanilla";
import type { ModelsByType } from "../logic/models";

export type ModelsStore = StoreApi<{ models: ModelsByType | undefined }>;

export function createModelsStore(): ModelsStore {
  return createStore<{ models: ModelsByType | undefined }>()(() => ({ models: undefined }));
}
