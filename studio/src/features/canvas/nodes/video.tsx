/** A node that makes films. */

import { useView } from "../board/actions";
import { type CardProps, nodeOf } from "./base";
import { EmptyResult } from "./empty-result";
import { MakingCard } from "./making-card";
import { PickedMedia } from "./media";

function VideoCard({ id, node, selected }: CardProps) {
  const view = useView();
  return (
    <MakingCard id={id} node={node} selected={selected} empty={<EmptyResult kind="video" />}>
      <PickedMedia node={node} onOpen={() => view(id)} />
    </MakingCard>
  );
}

export const VideoNode = nodeOf(VideoCard);
