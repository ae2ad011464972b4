/** A node that makes pictures. */

import { useView } from "../board/actions";
import { type CardProps, nodeOf } from "./base";
import { EmptyResult } from "./empty-result";
import { MakingCard } from "./making-card";
import { PickedMedia } from "./media";

function ImageCard({ id, node, selected }: CardProps) {
  const view = useView();
  return (
    <MakingCard id={id} node={node} selected={selected} empty={<EmptyResult kind="image" />}>
      <PickedMedia node={node} onOpen={() => view(id)} />
    </MakingCard>
  );
}

export const ImageNode = nodeOf(ImageCard);
