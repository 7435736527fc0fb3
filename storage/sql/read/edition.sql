SELECT edition FROM snapshot
