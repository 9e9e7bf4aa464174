/** The commands that change files. */

import type * as vscode from "vscode";

import type { ApplyAll } from "./apply-all";
import type { Checkpoints } from "./checkpoints";
import type { InlineEdits } from "./inline";
import type { PartMarks } from "./part-marks";
import type { Proposals } from "./proposals";

/** What they need. */
export interface Editing {
  proposals: Proposals;
  partMarks: PartMarks;
  inlineEdits: InlineEdits;
  checkpoints: Checkpoints;
  applyAll: ApplyAll;
}

/** A proposal's commands get its address from a title; from a key they are about the one that is shown. */
export function editCommands({ proposals, partMarks, inlineEdits, checkpoints, applyAll }: Editing): Record<string, (...given: never[]) => unknown> {
  return {
    "rejoinder.editHere": () => inlineEdits.ask(),
    "rejoinder.acceptEdit": (uri?: vscode.Uri) => proposals.accept(uri ?? partMarks.shown()),
    "rejoinder.rejectEdit": (uri?: vscode.Uri) => proposals.reject(uri ?? partMarks.shown()),
    "rejoinder.acceptPart": (uri?: vscode.Uri | string, id?: number) => partMarks.decide("acceptPart", uri, id),
    "rejoinder.rejectPart": (uri?: vscode.Uri | string, id?: number) => partMarks.decide("rejectPart", uri, id),
    "rejoinder.nextPart": () => partMarks.step(1),
    "rejoinder.previousPart": () => partMarks.step(-1),
    "rejoinder.applyShown": () => applyAll.apply(),
    "rejoinder.chooseShown": () => applyAll.choose(),
    "rejoinder.discardShown": () => applyAll.discard(),
    "rejoinder.undoEdits": () => checkpoints.undo(),
  };
}
