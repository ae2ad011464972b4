/** Which costs does the screen show? The answer stands in its address. */
import { useState } from "react";
import { oneOf, useUrlState } from "@/ui/url-state";
import { PERIODS, range, WAYS, type Way } from "./spending";

const FORMS = ["chart", "table"] as const;
const USUAL_DAYS = 30;

export function useView() {
  const [found, change] = useUrlState();
  const [today] = useState(() => new Date());
  const by: Way = oneOf(found.get("by"), WAYS) ?? "day";
  const days = PERIODS.find((each) => String(each) === found.get("days")) ?? USUAL_DAYS;
  const form = oneOf(found.get("form"), FORMS) ?? "chart";
  return { by, days, form, change, ...range(days, today) };
}
