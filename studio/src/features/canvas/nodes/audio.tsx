/** A node that speaks. */

import { type CardProps, nodeOf } from "./base";
import { EmptyResult } from "./empty-result";
import { MakingCard } from "./making-card";
import { PickedMedia } from "./media";

function AudioCard({ id, node, selected }: CardProps) {
  return (
    <MakingCard id={id} node={node} selected={selected} empty={<EmptyResult kind="audio" />}>
      <PickedMedia node={node} />
    </MakingCard>
  );
}

export const AudioNode = nodeOf(AudioCard);
