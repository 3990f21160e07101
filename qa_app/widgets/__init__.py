"""Parts of pages: our two components and small blocks that several pages share."""
