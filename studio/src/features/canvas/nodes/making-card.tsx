/** The card of a node that generates: its result large, what is asked for below it, and what that costs. */

import type { ReactNode } from "react";
import { useCardState } from "../board/context";
import type { StateName } from "../logic/card-state";
import { Card, type CardProps } from "./base";
import { CandidateStrip } from "./candidate-strip";
import { CardFoot } from "./card-foot";
import { Progress } from "./progress";
import { PromptBox } from "./prompt-box";
import { Trouble } from "./trouble";

/** What is said of these stands where the result would be. */
const TROUBLED: ReadonlySet<StateName> = new Set(["asks", "refused", "doubt", "failed"]);

/** `children` is the result; `empty` is shown before there is one. */
export function MakingCard({
  id,
  node,
  selected,
  empty,
  children,
}: CardProps & { empty: ReactNode; children: ReactNode }) {
  const state = useCardState(id, node);
  return (
    <Card id={id} node={node} selected={selected}>
      <div className="relative flex min-h-0 grow flex-col bg-sunken">
        <div className="flex min-h-0 grow flex-col">{node.pick ? children : !TROUBLED.has(state.name) && empty}</div>
        <CandidateStrip id={id} node={node} />
        <Trouble id={id} node={node} state={state} />
        <Progress state={state} />
      </div>
      <PromptBox id={id} node={node} />
      <CardFoot id={id} node={node} state={state} />
    </Card>
  );
}
